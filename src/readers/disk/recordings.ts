/** Recordings in folders, and the files of intervals beside them. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { InputError } from '../../errors.js';
import { matchRecordings } from '../events/match.js';
import { eventsIn } from '../events/read.js';
import type { FileEvent } from '../events/times.js';
import { foreignEnding } from '../signals/foreign.js';
import { endingOf } from '../signals/formats.js';
import { fileFault } from './open.js';
import { expandPaths } from './paths.js';

export interface RecordingFile {
  readonly path: string;
  /** Relative to the folder that was named. */
  readonly name: string;
}

/** All WAV files, in order of their paths. Throws InputError where there are none. */
export async function recordingFiles(named: readonly string[]): Promise<RecordingFile[]> {
  const found: RecordingFile[] = [];
  const foreign: string[] = [];
  for (const { kind, path } of await expandPaths(named)) {
    if (kind === 'built-in')
      throw new InputError(`${path} has no recordings with times: name a folder of WAV files`);
    if (kind === 'file') {
      found.push({ path, name: basename(path) });
      continue;
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
      throw fileFault(path, error);
    });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
      if (endingOf(file) === '.wav')
        found.push({ path: file, name: relative(path, file).replaceAll('\\', '/') });
      else if (foreignEnding(endingOf(file)) !== undefined) foreign.push(file);
    }
  }
  if (found.length > 0) return found;
  const others =
    foreign.length === 0
      ? ''
      : ` (${foreign.length} sounds of other kinds; ffmpeg -i FILE -c:a pcm_s16le NEW.wav makes them WAV)`;
  throw new InputError(`${named.join(', ')}: no .wav files${others}`);
}

/** The events of each recording, by its name. @param named files of intervals, or folders of them */
export async function eventsOfRecordings(
  recordings: readonly RecordingFile[],
  named: readonly string[],
): Promise<Map<string, FileEvent[]>> {
  const paths: string[] = [];
  for (const { kind, path } of await expandPaths(named)) {
    if (kind === 'built-in') throw new InputError(`${path} is no file of intervals`);
    if (kind === 'file') paths.push(path);
    else {
      const names = await readdir(path, { recursive: true });
      paths.push(
        ...names
          .filter((name) => /\.(csv|tsv|txt|jsonl|ndjson|textgrid)$/i.test(name))
          .sort()
          .map((name) => join(path, name)),
      );
    }
  }
  if (paths.length === 0)
    throw new InputError(`${named.join(', ')}: no files of intervals (.csv, .jsonl, .txt, .TextGrid)`);
  const files: { name: string; events: FileEvent[] }[] = [];
  for (const path of paths) {
    const bytes = await readFile(path).catch((error) => {
      throw fileFault(path, error);
    });
    files.push({ name: path, events: eventsIn(bytes, path) });
  }
  return matchRecordings(
    recordings.map(({ name }) => name),
    files,
  );
}
