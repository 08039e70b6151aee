/** Examples that are odd in themselves: nothing in them, cut off, far too long, in other letters; and labels that are several. */
import type { Example } from '../data/dataset.js';

export interface Oddity {
  readonly example: number;
  readonly kind: 'empty' | 'cut' | 'length' | 'script' | 'several labels';
  readonly reason: string;
}

/** Times the middle length. */
const TOO_LONG = 50;
/** At one length there are so many of the longest texts, where texts were cut there. */
const CUT_TOGETHER = 5;

const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Devanagari',
  'Thai',
];
const OF_SCRIPT = SCRIPTS.map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'gu') }));
const SEARCHED = 400;

/** The script of most of the first letters; undefined where there are few. */
function scriptOf(text: string): string | undefined {
  const start = text.slice(0, SEARCHED);
  // Most texts of most data.
  if ((start.match(/[a-z]/gi)?.length ?? 0) > start.length / 2) return 'Latin';
  let best: { name: string; letters: number } | undefined;
  for (const { name, pattern } of OF_SCRIPT) {
    const letters = start.match(pattern)?.length ?? 0;
    if (letters >= 5 && letters > (best?.letters ?? 0)) best = { name, letters };
  }
  return best?.name;
}

export function odditiesOf(examples: readonly Example[]): Oddity[] {
  return [...oddTexts(examples), ...severalLabels(examples)];
}

function oddTexts(examples: readonly Example[]): Oddity[] {
  if (typeof examples[0]?.input !== 'string') return [];
  const texts = examples.map(({ input }) => input as string);
  const lengths = Int32Array.from(texts, ({ length }) => length);
  const sorted = lengths.slice().sort();
  const middle = sorted[Math.floor(sorted.length / 2)];
  const longest = sorted[sorted.length - 1];
  const atLongest = lengths.filter((length) => length === longest).length;
  const scripts = texts.map(scriptOf);
  const counts = new Map<string, number>();
  for (const script of scripts) if (script !== undefined) counts.set(script, (counts.get(script) ?? 0) + 1);
  const [usual] = [...counts].sort((a, b) => b[1] - a[1]);
  const found: Oddity[] = [];
  texts.forEach((text, example) => {
    if (!/[\p{L}\p{N}]/u.test(text)) {
      const reason = text.trim() === '' ? 'the text is empty' : 'the text has no letter or digit';
      found.push({ example, kind: 'empty', reason });
    } else if (atLongest >= CUT_TOGETHER && longest > middle && text.length === longest) {
      const reason = `cut off: ${atLongest} texts end at ${longest} characters`;
      found.push({ example, kind: 'cut', reason });
    } else if (text.length > TOO_LONG * Math.max(20, middle)) {
      const reason = `${text.length} characters, where the middle text has ${middle}`;
      found.push({ example, kind: 'length', reason });
    }
    const script = scripts[example];
    if (script !== undefined && usual !== undefined && script !== usual[0] && usual[1] > 0.9 * texts.length) {
      found.push({ example, kind: 'script', reason: `in ${script} letters, others in ${usual[0]}` });
    }
  });
  return found;
}

/** Labels such as `a;b` of which the parts are labels too. */
function severalLabels(examples: readonly Example[]): Oddity[] {
  const labels = new Set(examples.map(({ label }) => label));
  const several = new Map<string, string>();
  for (const label of labels) {
    for (const separator of [';', '|', ',', '/', '+', '&']) {
      const parts = label.split(separator).map((part) => part.trim());
      if (parts.length > 1 && parts.every((part) => part !== '' && labels.has(part))) {
        several.set(label, parts.map((part) => `'${part}'`).join(' and '));
      }
    }
  }
  if (several.size === 0) return [];
  return examples.flatMap(({ label }, example): Oddity[] => {
    const parts = several.get(label);
    return parts === undefined
      ? []
      : [{ example, kind: 'several labels', reason: `two labels in one: ${parts}` }];
  });
}
