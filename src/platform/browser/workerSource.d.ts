/** Written by scripts/embed.js: `worker.ts` and all it imports as one script. */
export declare const source: string;
