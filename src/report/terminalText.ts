/** Text from outside made safe for a terminal: what could move its cursor, colour it or reorder it becomes visible. */

/** C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  // Unicode has pictures of the C0 controls, one column wide: ␛ for ESC, ␇ for BEL.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * The text with every such character made visible; all else stays. Apply it to data before colours are added.
 * @param multiline keep line feeds and tabs, as in a message of several lines. Default: a label has none, so they
 * are shown too
 */
export function safeForTerminal(
  text: string,
  { multiline = false }: { readonly multiline?: boolean } = {},
): string {
  return text.replace(UNSAFE, (character) =>
    multiline && (character === '\n' || character === '\t') ? character : visible(character),
  );
}
