/** Written by scripts/embed.js from the relaxed-simd build. */
import type { EmbeddedKernels } from '../compile.js';

export declare const kernels: EmbeddedKernels;
