/** What `eft train` reads for a model of events: recordings with times, clips by class, or both. */
import { InputError } from '../errors.js';
import { PieceResampler } from '../inference/detection/samples.js';
import type { Clip, MarkedRecording } from '../learning/detection/recordings.js';
import type { DetectorData } from '../learning/detection/trainDetector.js';
import { BACKGROUND } from '../model/eventDecision.js';
import { eventsOfRecordings, recordingFiles } from '../readers/disk/recordings.js';
import { openSound, type SoundPieces } from '../readers/disk/soundFile.js';
import { tell } from './output.js';

export interface EventSources {
  readonly data: readonly string[];
  /** Files of intervals; absent: the data are clips by class. */
  readonly events?: readonly string[] | undefined;
  /** Clips by class, besides. */
  readonly clips?: readonly string[] | undefined;
  /** Samples a second that all are brought to. Default: those of the first. */
  readonly resample?: number | undefined;
}

/** Longest clip that is an event, seconds. */
const LONGEST_CLIP = 30;

async function wholeSound(
  path: string,
  rate: number | undefined,
): Promise<{ rate: number; values: Float32Array }> {
  const sound = await openSound(path);
  try {
    if (sound.warning !== undefined) tell(`warning: ${path}: ${sound.warning}`);
    return { rate: rate ?? sound.rate, values: await allSamples(sound, rate ?? sound.rate) };
  } finally {
    await sound.close();
  }
}

async function allSamples(sound: SoundPieces, rate: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  const resampler = sound.rate === rate ? undefined : new PieceResampler(sound.rate, rate);
  for await (const piece of sound.pieces(0)) {
    if (resampler === undefined) parts.push(piece);
    else parts.push(...resampler.push(piece).map((part) => part.slice()));
  }
  if (resampler !== undefined) parts.push(resampler.finish());
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}

/** Throws InputError naming what cannot be learned from. */
export async function eventData({ data, events, clips = [], resample }: EventSources): Promise<DetectorData> {
  const recordings: {
    name: string;
    values: Float32Array;
    events: readonly { onset: number; offset: number; label: string }[];
  }[] = [];
  const sounds: { label: string; values: Float32Array }[] = [];
  let rate = resample;
  if (events !== undefined) {
    const files = await recordingFiles(data);
    const marked = await eventsOfRecordings(files, events);
    for (const { path, name } of files) {
      const sound = await wholeSound(path, rate);
      rate = sound.rate;
      const seconds = sound.values.length / rate;
      const own = marked.get(name)!;
      const late = own.find((event) => event.onset >= seconds);
      if (late !== undefined) {
        throw new InputError(
          `${late.place}: the event begins at ${late.onset} s, the recording ${name} ends at ${seconds.toFixed(2)} s`,
        );
      }
      recordings.push({ name, values: sound.values, events: own });
    }
  }
  for (const { path, name } of await filesOf(events === undefined ? [...data, ...clips] : clips)) {
    const label = name.includes('/') ? name.split('/').at(-2)! : undefined;
    if (label === undefined)
      throw new InputError(
        `${path}: which class is this? Clips lie in folders by class: FOLDER/<class>/<files>`,
      );
    const sound = await wholeSound(path, rate);
    rate = sound.rate;
    if (label !== BACKGROUND && sound.values.length > LONGEST_CLIP * rate) {
      throw new InputError(
        `${path}: a clip of ${(sound.values.length / rate).toFixed(0)} s; clips are one event each, of ${LONGEST_CLIP} s at most. Recordings with several need their times: --events`,
      );
    }
    sounds.push({ label, values: sound.values });
  }
  const all = new Set([
    ...recordings.flatMap((one) => one.events.map((event) => event.label)),
    ...sounds.map((one) => one.label),
  ]);
  all.delete(BACKGROUND);
  const labels = [...all].sort();
  if (labels.length === 0) throw new InputError('there are no events to learn from: no label but background');
  const place = new Map([BACKGROUND, ...labels].map((label, i) => [label, i]));
  const markedOf = ({ name, values, events: own }: (typeof recordings)[number]): MarkedRecording => ({
    name,
    values,
    events: own
      .filter(({ label }) => label !== BACKGROUND)
      .map(({ onset, offset, label }) => ({
        class: place.get(label)!,
        from: Math.round(onset * rate!),
        to: Math.min(values.length, Math.round(offset * rate!)),
      })),
  });
  const clipOf = ({ label, values }: (typeof sounds)[number]): Clip => ({ class: place.get(label)!, values });
  return {
    name: data.join(', '),
    labels,
    rate: rate!,
    recordings: recordings.map(markedOf),
    clips: sounds.map(clipOf),
  };
}

const filesOf = (named: readonly string[]) => (named.length === 0 ? [] : recordingFiles(named));
