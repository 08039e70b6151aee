/** Turns examples into token ids. */
import { InputError } from '../errors.js';
import type { Tokenizer } from '../input/tokenizer.js';
import type { EncodedDataset } from './encoded.js';
import type { Example } from './example.js';

/**
 * @param name of the dataset, for messages
 * @param maxLength tokens a text is cut to
 * Throws InputError on a label that is not among the classes.
 */
export function encodeDataset(
  name: string,
  examples: readonly Example[],
  classes: readonly string[],
  tokenizer: Tokenizer,
  maxLength: number,
): EncodedDataset {
  const index = new Map(classes.map((label, i) => [label, i]));
  const labels = new Int32Array(examples.length);
  const offsets = new Float64Array(examples.length + 1);
  const parts = examples.map(({ text, label }, i) => {
    const known = index.get(label);
    if (known === undefined) {
      throw new InputError(
        `${name}: example ${i + 1} has the label '${label}', which the model does not know (it knows ${classes.map((c) => `'${c}'`).join(', ')})`,
      );
    }
    labels[i] = known;
    const ids = tokenizer.encode(text, maxLength);
    offsets[i + 1] = offsets[i] + ids.length;
    return ids;
  });
  const tokens = new Int32Array(offsets[examples.length]);
  parts.forEach((ids, i) => {
    tokens.set(ids, offsets[i]);
  });
  return { tokens, offsets, labels };
}
