/** A trained model in formats of others. */
import { wilsonInterval } from '../evaluation/wilson.js';
import type { FileStore } from '../platform/store.js';
import type { CardFacts } from './modelCard.js';
import { requireReplaceable } from './ownFiles.js';
import { RunFolder, type SavedModel } from './runFolder.js';

/**
 * `hub`: the layout of Hugging Face's hub, which `load` opens too. `onnx`: the same, with onnx/model.onnx. `pytorch`: the
 * same, with modeling_eft.py, which predicts and trains further by PyTorch alone.
 */
export type ExportFormat = 'hub' | 'onnx' | 'pytorch';
export const EXPORT_FORMATS: readonly ExportFormat[] = ['hub', 'onnx', 'pytorch'];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Of this program, for the card. */
  readonly version?: string | undefined;
}

/**
 * Writes a model's files over those of an older export. Throws InputError where the place holds other files of their
 * names, or a training that may go on: then nothing is written.
 * @param accuracy on the validation split, if known
 */
export async function exportModel(
  saved: SavedModel,
  accuracy: number | undefined,
  store: FileStore,
  { format, version }: ExportOptions,
): Promise<void> {
  const { config, epoch, encoder } = saved;
  // Before anything is written: a model may have no form there.
  const onnx = format === 'onnx' ? await onnxOf(saved, version) : undefined;
  await requireReplaceable(store);
  const run = new RunFolder(store);
  await run.prepare();
  await run.writeEncoder(encoder, config);
  await run.writeModel(config.model, saved, epoch);
  const facts: CardFacts = {
    validation: validationOf(accuracy, config.data.validationExamples),
    version,
    onnx: onnx !== undefined,
    pytorch: format === 'pytorch',
  };
  if (onnx !== undefined) await store.write('onnx/model.onnx', [onnx]);
  if (format === 'pytorch') {
    const { source } = await import('./pytorch/source.js');
    await store.write('modeling_eft.py', source);
  }
  // Loaded when it is asked for, like the others: most pages only predict.
  const { modelCard } = await import('./modelCard.js');
  await store.write('README.md', modelCard(saved, facts));
  // Last: it makes the folder a model.
  // Where the data lay is nobody else's business.
  const { source: _, ...data } = config.data;
  await run.writeConfig({ ...config, data });
}

function validationOf(accuracy: number | undefined, examples: unknown): CardFacts['validation'] {
  if (accuracy === undefined || typeof examples !== 'number') return undefined;
  return { accuracy, interval: wilsonInterval(Math.round(accuracy * examples), examples), examples };
}

/** Loaded when it is asked for: nothing else needs ONNX's messages. */
async function onnxOf(saved: SavedModel, version = ''): Promise<Uint8Array> {
  const { onnxModel } = await import('./onnx/model.js');
  return onnxModel(saved, version);
}
