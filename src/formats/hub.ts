/**
 * What makes a run folder one in the layout of Hugging Face's hub: fields of config.json, tokenizer files, and the model
 * card. Tools that know the layout then show labels and read weights and tokenizer; the model itself needs this program,
 * or one of the other exports.
 */
import type { Encoder } from '../input/encoder.js';
import { tokenizerConfig, withNormalForm } from '../input/huggingFace.js';

/** Fields of config.json beside our own. */
export function hubFields(classes: readonly string[], multiLabel = false): Record<string, unknown> {
  return {
    model_type: 'elastic-fourier',
    architectures: ['ElasticFourierForSequenceClassification'],
    ...(multiLabel ? { problem_type: 'multi_label_classification' } : {}),
    num_labels: classes.length,
    id2label: Object.fromEntries(classes.map((name, id) => [String(id), name])),
    label2id: Object.fromEntries(classes.map((name, id) => [name, id])),
  };
}

/** What of a run decides its tokenizer files. */
interface TokenizedModel {
  readonly model: { readonly sequenceLength: number };
  readonly reading: { readonly long?: string; readonly unicode?: string | undefined };
}

/** tokenizer.json and tokenizer_config.json; none where that format cannot say what the encoder does. */
export function tokenizerFiles(
  encoder: Encoder,
  { model, reading }: TokenizedModel,
): ReadonlyMap<string, string> {
  const tokenizer = encoder.toTokenizerJson?.();
  if (tokenizer === undefined) return new Map();
  const settings = tokenizerConfig(model.sequenceLength, encoder.kind === 'words');
  const complete = reading.unicode === 'nfc' ? withNormalForm(tokenizer) : tokenizer;
  return new Map([
    ['tokenizer.json', `${JSON.stringify(complete)}\n`],
    ['tokenizer_config.json', `${JSON.stringify(settings, null, 2)}\n`],
  ]);
}
