/** What a host may send with the page. Only the first two matter to speed: they give it all cores. */

/** Without these a browser shares no memory between threads, and the page trains with one. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Stands in the page itself, so that it holds on every host. Workers begin as blobs and so have it too.
 * `connect-src 'none'`: nothing can be fetched or sent, not even to the page's own host.
 */
export const POLICY = [
  "default-src 'none'",
  "connect-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
