/** Text from outside on its way to a terminal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeForTerminal } from '#eft/report/terminalText.js';

describe('safeForTerminal', () => {
  it.each([
    ['ESC', '\u001b[31mred', '␛[31mred'],
    ['BEL', 'a\u0007', 'a␇'],
    ['OSC', '\u001b]8;;http://x\u001b\\', '␛]8;;http://x␛\\'],
    ['C1 CSI', '\u009b2J', '<U+009B>2J'],
    ['DEL', '\u007f', '␡'],
    ['a bidirectional override', 'abc\u202egpj.exe', 'abc<U+202E>gpj.exe'],
    ['an isolate', '\u2066x\u2069', '<U+2066>x<U+2069>'],
    ['a line separator', 'a\u2028b', 'a<U+2028>b'],
    ['half a pair', 'a\ud800b', 'a<U+D800>b'],
    ['a line feed', 'a\nb', 'a␊b'],
  ])('shows %s', (_, text, shown) => expect(safeForTerminal(text)).toBe(shown));
  it('leaves all else as it is', () => {
    const text = 'naïve 日本語 👩‍💻 العربية “x” – 1,024%';
    expect(safeForTerminal(text)).toBe(text);
    expect(safeForTerminal('a\n\tb\r', { multiline: true })).toBe('a\n\tb␍');
  });
  it('lets no control through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeForTerminal(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
      }),
      { seed: 1 },
    );
  });
});
