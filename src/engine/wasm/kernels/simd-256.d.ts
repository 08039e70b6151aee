/** Written by scripts/embed.js from the simd-256 build. */
import type { EmbeddedKernels } from '../compile.js';

export declare const kernels: EmbeddedKernels;
