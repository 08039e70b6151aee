/**
 * The library in browsers: `elastic-fourier/browser`, which `elastic-fourier` is where a bundler builds for them. Data are
 * files of the page or examples; models are kept in a `MemoryStore` or any other store.
 *
 * @module
 */
export * from './index.js';
