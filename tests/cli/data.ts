/** Small texts that a small model learns: words that lean to a class, and words that do not. */
import { RandomStream } from '#eft/random.js';

const SPAM = ['win', 'free', 'cruise', 'offer', 'click', 'money'];
const HAM = ['patch', 'review', 'list', 'issue', 'branch', 'merge'];
const BOTH = ['the', 'a', 'is', 'in', 'to', 'for', 'of', 'and'];

/** CSV with the columns text and label. */
export function mailsCsv(count: number, seed = 1): string {
  const random = new RandomStream(seed, 'test');
  const pick = (words: readonly string[]): string => words[random.nextInteger(words.length)];
  const rows = Array.from({ length: count }, (_, i) => {
    const own = i % 2 === 0 ? SPAM : HAM;
    const length = 3 + random.nextInteger(14);
    const words = Array.from({ length }, () => pick(random.next() < 0.4 ? own : BOTH));
    return `${words.join(' ')} n${i},${i % 2 === 0 ? 'spam' : 'ham'}`;
  });
  return `text,label\n${rows.join('\n')}\n`;
}

/** Options of a model that trains in a moment. */
export const SMALL = [
  ...['--seq-len', '16', '--channels', '8', '--hidden', '16', '--blocks', '1', '--vocabulary', '200'],
  ...['--batch-size', '16', '--learning-rate', '0.01', '--threads', '2'],
];
