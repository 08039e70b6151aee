/** Written by scripts/embed.js: `convolutionWorker.ts` and all it imports as one script. */
export declare const source: string;
