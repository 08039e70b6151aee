/** modeling_eft.py; the module is written by scripts/embed.js. */
export declare const source: string;
