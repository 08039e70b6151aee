/** A wait of a test's own ends here, so that what hangs is named; no machine is so slow. */
export const PATIENCE_MS = 300_000;
