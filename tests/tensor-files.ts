/** Safetensors files of tests, by path. */
import { readFile, writeFile } from 'node:fs/promises';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '#eft/formats/safetensors.js';

export const readTensors = async (path: string): Promise<Safetensors> =>
  decodeSafetensors(await readFile(path), path);

export const writeTensors = (path: string, content: Safetensors): Promise<void> =>
  writeFile(path, Buffer.concat(encodeSafetensors(content)));
