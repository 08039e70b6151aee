/** Written by scripts/embed.js from the simd build. */
import type { EmbeddedKernels } from '../compile.js';

export declare const kernels: EmbeddedKernels;
