/** Whether two machines see the same folder: the one leaves a token in it, the other looks. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../platform/node/whole.js';

const NAME = '.queue-token';

async function read(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => '');
  return /^[0-9a-f]{32}$/.test(text.trim()) ? text.trim() : undefined;
}

/** That of the folder, which must exist; a new one where it has none. */
export async function tokenOf(folder: string): Promise<string> {
  const known = await read(folder);
  if (known !== undefined) return known;
  const token = randomBytes(16).toString('hex');
  await writeWhole(join(folder, NAME), `${token}\n`);
  return token;
}

export const holdsToken = async (folder: string, token: string): Promise<boolean> =>
  (await read(folder)) === token;
