/**
 * The library in Node: `elastic-fourier/node`, which `elastic-fourier` is there. Paths and folders are read and written.
 *
 * @module
 */
export * from './index.js';
