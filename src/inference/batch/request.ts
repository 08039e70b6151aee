/** What a prediction was requested with, so that another one is not taken for its continuation. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expandPaths } from '../../readers/disk/paths.js';

/** By topic: plain JSON. */
export type PredictionRequest = Readonly<Record<string, unknown>>;

/** Options that change no answer. */
const WITHOUT_EFFECT = ['data', 'output', 'out', 'skipBad', 'threads'];

/** The model by its bytes, the data by their sizes and times, and the options that change answers. */
export async function predictionRequest(
  run: string,
  text: string | undefined,
  { data, ...options }: Readonly<Record<string, unknown>> & { readonly data?: readonly string[] },
): Promise<PredictionRequest> {
  const given = Object.entries(options).filter(([name]) => !WITHOUT_EFFECT.includes(name));
  return {
    model: await modelOf(run),
    data: text === undefined ? await filesOf(data ?? ['-']) : [text],
    options: Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** An address is taken as it reads. */
async function modelOf(run: string): Promise<string> {
  const weights = await readFile(join(run, 'model.safetensors')).catch(() => undefined);
  return weights === undefined ? run : createHash('sha256').update(weights).digest('hex');
}

async function filesOf(data: readonly string[]): Promise<unknown[]> {
  if (data.length === 1 && data[0] === '-') return ['-'];
  const paths = await expandPaths(data);
  return Promise.all(
    paths.map(async ({ kind, path }) => {
      if (kind !== 'file') return { path };
      const { size, mtimeMs } = await stat(path);
      return { path, size, modified: mtimeMs };
    }),
  );
}
