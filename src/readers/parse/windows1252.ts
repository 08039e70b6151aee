/**
 * Windows-1252, the encoding of old Western files. Not by TextDecoder: whether it maps 0x80 … 0x9f differs between
 * versions of Node, and tokens must not.
 */

/** What Windows-1252 has at 0x80 … 0x9f, where Latin-1 has control characters (the five unused ones stay these). */
const HIGH = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** `String.fromCharCode` takes no more arguments than the stack holds. */
const PORTION = 8192;

export function decodeWindows1252(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += PORTION) {
    text += String.fromCharCode(...bytes.subarray(from, from + PORTION));
  }
  return text.replace(/[\x80-\x9f]/g, (character) => HIGH[character.charCodeAt(0) - 0x80]);
}
