/** Written by scripts/embed.js: `worker.ts` and all it imports as one script of CommonJS. */
export declare const source: string;
