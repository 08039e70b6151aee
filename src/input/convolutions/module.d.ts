/** Written by scripts/embed.js: kernels/convolutions.ts, compiled, in base64. */
export declare const module: string;
