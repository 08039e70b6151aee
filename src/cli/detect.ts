/** `eft detect`: what happens when in recordings of any length, or in what comes through a pipe. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FoundEvent } from '../data/timedEvent.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError, InterruptedError } from '../errors.js';
import { encodeNpy } from '../formats/npy.js';
import { RunFolder } from '../formats/runFolder.js';
import { byOnset, type DetectionState } from '../inference/detection/detection.js';
import { Detector } from '../inference/detection/detector.js';
import { PieceResampler } from '../inference/detection/samples.js';
import { threadOptions } from '../learning/options.js';
import { FolderStore } from '../platform/node/folder.js';
import { writeWhole } from '../platform/node/whole.js';
import { type RecordingFile, recordingFiles } from '../readers/disk/recordings.js';
import { openSound } from '../readers/disk/soundFile.js';
import { count, plural } from '../report/format.js';
import { whole } from './arguments.js';
import { CliCommand } from './command.js';
import { FOUND_FORMATS, type FoundFormat, foundFormatOf, foundLine, headOf } from './foundEvents.js';
import { addOptions } from './options.js';
import { interruptSignal, tell, writeOut, writeOutGently } from './output.js';
import { requireOutputsApart } from './outputs.js';
import { createProgress } from './progress.js';

interface Options extends Record<string, unknown> {
  readonly data: readonly string[];
  readonly out?: string;
  readonly format?: FoundFormat;
  readonly scores?: string;
  readonly rate?: number;
  readonly resume?: boolean;
  readonly threads?: number;
}

export function command(): CliCommand {
  const detect = new CliCommand('detect')
    .description('Say what happens when in recordings: onset, offset, label and score of every event.')
    .argument('<run>', 'run folder of a model that eft train made with --events or --task detect')
    .under('Data')
    .requiredOption(
      '--data <path...>',
      'recordings: WAV files, folders, patterns; - for samples from standard input',
    )
    .more('through a pipe: 16-bit little-endian samples of one channel, whose rate --rate says')
    .alsoCalled('file', 'input-file', 'recordings')
    .option(
      '--rate <hz>',
      'with --data -: samples a second (default: those of the model)',
      whole(1, 10_000_000),
    )
    .alsoCalled('sample-rate', 'sampling-rate')
    .under('Output')
    .option(
      '--out <file>',
      'write the events to this file: .csv, .jsonl, or .txt for Audacity (default: CSV on standard output)',
    )
    .alsoCalled('output')
    .option('--scores <folder>', 'also write the scores of every frame into this folder')
    .more('NumPy .npy of [frames, classes], background first, and the names in classes.json')
    .option('--resume', 'go on where an earlier call was stopped');
  detect.addOption(
    detect
      .createOption('--format <kind>', `form of the events: ${FOUND_FORMATS.join(', ')}`)
      .choices(FOUND_FORMATS),
  );
  return addOptions(detect, threadOptions)
    .addHelpText(
      'after',
      `
Examples:
  eft detect runs/birds --data night.wav --out found.csv
  eft detect runs/birds --data recordings/ --out found.jsonl --resume
  arecord -f S16_LE -r 16000 | eft detect runs/birds --data - --rate 16000`,
    )
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const { data, out, threads, rate } = options;
  const format = foundFormatOf(out, options.format);
  await requireOutputsApart(out === undefined ? [1] : [out], {
    data: data.filter((name) => name !== '-'),
    runs: [path],
  });
  const piped = data.includes('-');
  if (piped && data.length > 1)
    throw new InputError('--data - reads standard input alone: name files in another call');
  if (piped && (out !== undefined || options.scores !== undefined)) {
    throw new InputError(
      '--data - writes events to standard output as they happen: leave --out and --scores out',
    );
  }
  if (!piped && rate !== undefined)
    throw new InputError('--rate says what comes through a pipe (--data -); WAV files say theirs');
  if (options.resume && out === undefined)
    throw new InputError('--resume goes on with a file of events: name it with --out');
  const saved = await new RunFolder(new FolderStore(path)).readModel();
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const detector = new Detector(saved, engine);
    if (piped) await listen(detector, rate ?? detector.rate, format);
    else await detectFiles(path, detector, await recordingFiles(data), format, options);
  } finally {
    await engine.dispose();
  }
}

/** Samples of standard input, in whatever portions they come. */
async function* pipedSamples(): AsyncGenerator<Float32Array> {
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    const samples = Math.floor(bytes.length / 2);
    const values = new Float32Array(samples);
    for (let t = 0; t < samples; t++) values[t] = bytes.readInt16LE(2 * t) / 32768;
    left = bytes.subarray(2 * samples);
    yield values;
  }
}

async function listen(detector: Detector, rate: number, format: FoundFormat): Promise<void> {
  const signal = interruptSignal();
  tell(
    `listening at ${count(rate)} samples a second; an event is told ${detector.delay.toFixed(1)} s after its end, at most`,
  );
  writeOut(headOf(format));
  for await (const event of detector.listen(pipedSamples(), { rate, signal })) {
    await writeOutGently(foundLine(format, '-', event));
  }
}

const progressSchemaVersion = 1;

/** Where a detection of many files stands. */
interface Standing {
  readonly version: number;
  /** Of the model, the files and the options: what is gone on with must be the same. */
  readonly key: string;
  /** Files that are done. */
  readonly files: number;
  /** Bytes of the output that are right. */
  readonly bytes: number;
  readonly events: number;
  /** Within the file that comes next, and events of it that wait for others which begin before them. */
  readonly within?: { readonly state: DetectionState; readonly held: readonly FoundEvent[] };
}

/** Milliseconds between two notes of where it stands. */
const NOTE_EVERY = 10_000;

class Output {
  bytes = 0;
  readonly #file: Awaited<ReturnType<typeof open>> | undefined;

  constructor(file: Awaited<ReturnType<typeof open>> | undefined) {
    this.#file = file;
  }

  async write(text: string): Promise<void> {
    if (text === '') return;
    if (this.#file === undefined) await writeOutGently(text);
    else {
      const bytes = Buffer.from(text);
      await this.#file.write(bytes, 0, bytes.length, this.bytes);
      this.bytes += bytes.length;
    }
  }
}

async function detectFiles(
  run: string,
  detector: Detector,
  files: readonly RecordingFile[],
  format: FoundFormat,
  { out, scores, resume }: Options,
): Promise<void> {
  if (format === 'audacity' && files.length > 1) {
    throw new InputError(
      `Audacity's labels are of one recording, here are ${files.length}: write .csv or .jsonl, or call eft detect for each`,
    );
  }
  const signal = interruptSignal();
  const model = await readFile(join(run, 'model.safetensors'));
  const hash = createHash('sha256')
    .update(model)
    .update(JSON.stringify([files, format, scores, detector.model.decision]));
  const key = hash.digest('hex');
  const part = out === undefined ? undefined : `${out}.part`;
  const note = out === undefined ? undefined : `${out}.progress.json`;
  let standing: Standing = { version: progressSchemaVersion, key, files: 0, bytes: 0, events: 0 };
  if (resume) standing = (await standingAt(note!, key)) ?? standing;
  if (out !== undefined && dirname(out) !== '.') await mkdir(dirname(out), { recursive: true });
  const file = part === undefined ? undefined : await open(part, standing.bytes > 0 ? 'r+' : 'w');
  const output = new Output(file);
  output.bytes = standing.bytes;
  if (standing.bytes > 0) {
    await file!.truncate(standing.bytes);
    tell(`continuing after ${plural(standing.files, 'recording')} and ${plural(standing.events, 'event')}`);
  } else await output.write(headOf(format));
  const keep = async (next: Omit<Standing, 'version' | 'key' | 'bytes'>): Promise<void> => {
    if (note === undefined) return;
    await file!.datasync();
    await writeWhole(
      note,
      JSON.stringify({ version: progressSchemaVersion, key, bytes: output.bytes, ...next }),
    );
  };
  if (scores !== undefined) {
    await mkdir(scores, { recursive: true });
    await writeWhole(join(scores, 'classes.json'), `${JSON.stringify(detector.model.classes)}\n`);
  }
  const progress = createProgress({ label: 'detecting' });
  const started = performance.now();
  let [seconds, events, noted] = [0, standing.events, performance.now()];
  try {
    for (let f = standing.files; f < files.length; f++) {
      const { path, name } = files[f];
      const begun = f === standing.files ? standing.within : undefined;
      const sound = await openSound(path);
      try {
        if (sound.warning !== undefined) tell(`warning: ${path}: ${sound.warning}`);
        const rows =
          scores === undefined
            ? undefined
            : await ScoreFile.create(
                join(scores, `${name.replaceAll('/', '__')}.npy`),
                detector.model.classes.length,
              );
        const detection = await detector.begin(
          rows === undefined ? undefined : (part) => rows.write(part),
          begun?.state,
        );
        const resampler =
          sound.rate === detector.rate ? undefined : new PieceResampler(sound.rate, detector.rate);
        let held: FoundEvent[] = [...(begun?.held ?? [])];
        const give = async (found: readonly FoundEvent[], settled: number): Promise<void> => {
          held = [...held, ...found].sort(byOnset);
          const sure = held.findIndex(({ onset }) => onset >= settled);
          const ready = sure < 0 ? held : held.slice(0, sure);
          held = sure < 0 ? [] : held.slice(sure);
          events += ready.length;
          await output.write(ready.map((event) => foundLine(format, name, event)).join(''));
        };
        const from = begun?.state.step ?? 0;
        let steps = from;
        for await (const piece of sound.pieces(from)) {
          if (signal.aborted) {
            if (resampler === undefined && rows === undefined)
              await keep({ files: f, events, within: { state: detection.state, held } });
            throw new InterruptedError(
              `stopped in ${path}${out === undefined ? '' : '; continue with --resume'}`,
            );
          }
          for (const samples of resampler?.push(piece) ?? [piece])
            await give(await detection.push(samples), detection.settled);
          steps += piece.length;
          progress.update(
            Math.round(seconds + (steps - from) / sound.rate),
            `${name}, ${plural(events, 'event')}`,
          );
          if (resampler === undefined && rows === undefined && performance.now() - noted > NOTE_EVERY) {
            await keep({ files: f, events, within: { state: detection.state, held } });
            noted = performance.now();
          }
        }
        const rest = resampler?.finish();
        if (rest !== undefined) await give(await detection.push(rest), detection.settled);
        await give(await detection.finish(), Number.POSITIVE_INFINITY);
        await rows?.finish();
        seconds += (steps - from) / sound.rate;
        if (files.length > 1 || f + 1 < files.length) await keep({ files: f + 1, events });
      } finally {
        await sound.close();
      }
    }
  } finally {
    progress.stop();
    await file?.close();
  }
  if (out !== undefined) {
    await rename(part!, out);
    await rm(note!, { force: true });
  }
  const spent = (performance.now() - started) / 1000;
  tell(
    `${plural(events, 'event')} in ${plural(files.length, 'recording')} of ${shownTime(seconds)}, ${count(Math.round(seconds / spent))} times as quick as they last${out === undefined ? '' : `; ${out}`}`,
  );
}

function shownTime(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Undefined where nothing was begun. Throws InputError where something else was. */
async function standingAt(note: string, key: string): Promise<Standing | undefined> {
  let text: string;
  try {
    text = await readFile(note, 'utf8');
  } catch {
    return undefined;
  }
  let found: Standing;
  try {
    found = JSON.parse(text) as Standing;
  } catch {
    throw new InputError(`${note} is damaged: remove it, and begin anew without --resume`);
  }
  if (found.version === progressSchemaVersion && found.key === key) return found;
  throw new InputError(
    `${basename(note)} is of another call (another model, other recordings or options): begin anew without --resume`,
  );
}

/** Scores of every frame as .npy, whose length is known at the end. */
class ScoreFile {
  readonly #path: string;
  readonly #columns: number;
  readonly #file: Awaited<ReturnType<typeof open>>;
  #rows = 0;
  #at: number;

  private constructor(path: string, columns: number, file: Awaited<ReturnType<typeof open>>) {
    this.#path = path;
    this.#columns = columns;
    this.#file = file;
    this.#at = encodeNpy([0, columns], new Float32Array(0)).length;
  }

  static async create(path: string, columns: number): Promise<ScoreFile> {
    return new ScoreFile(path, columns, await open(`${path}.part`, 'w'));
  }

  async write(scores: Float64Array): Promise<void> {
    const values = Float32Array.from(scores);
    await this.#file.write(new Uint8Array(values.buffer), 0, values.byteLength, this.#at);
    this.#at += values.byteLength;
    this.#rows += scores.length / this.#columns;
  }

  async finish(): Promise<void> {
    const head = encodeNpy([this.#rows, this.#columns], new Float32Array(0));
    await this.#file.write(head, 0, head.length, 0);
    await this.#file.close();
    await rename(`${this.#path}.part`, this.#path);
  }
}
