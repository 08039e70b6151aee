/**
 * Short scenes to learn from: parts of recordings, or clips in a background that is made up; faster or slower, louder or
 * quieter, one over another, with noise. A scene follows from (seed, step, place in the batch) alone.
 */
import { RandomStream } from '../../random.js';
import type { Clip, MarkedEvent, MarkedRecording } from './recordings.js';

/** Samples, and what is active when. */
export interface Scene {
  readonly values: Float32Array;
  readonly events: readonly MarkedEvent[];
}

export interface SceneSource {
  /** @param steps samples */
  scene(random: RandomStream, steps: number): Scene;
}

/** Most that time is stretched or pressed: pitch and voice change with it. */
const SPEED = 1.2;
/** Share of the scenes that lie one over another. */
const MIXED = 0.25;
/** Most that a scene is made louder or quieter, dB. */
const GAIN = 12;

const between = (random: RandomStream, low: number, high: number): number =>
  low + (high - low) * random.next();

const decibels = (value: number): number => 10 ** (value / 20);

export function rootMeanSquare(values: Float32Array, from = 0, to = values.length): number {
  let sum = 0;
  for (let t = from; t < to; t++) sum += values[t] ** 2;
  return Math.sqrt(sum / Math.max(1, to - from));
}

/** Samples at places `from` + t · speed, by straight lines; zeros beyond the ends. */
function resampled(values: Float32Array, from: number, speed: number, steps: number): Float32Array {
  const result = new Float32Array(steps);
  for (let t = 0; t < steps; t++) {
    const at = from + t * speed;
    const before = Math.floor(at);
    if (before < 0 || before + 1 >= values.length) continue;
    result[t] = values[before] + (at - before) * (values[before + 1] - values[before]);
  }
  return result;
}

const speedOf = (random: RandomStream): number => Math.exp(between(random, -1, 1) * Math.log(SPEED));

/** How slowly noise changes: from white to brown. */
const NOISES = [0, 0.7, 0.95, 0.99];
const NOISE_STEPS = 2 ** 18;
const noises: Float32Array[] = [];

/** Noise whose power falls with frequency, rms 1: drawn once, for it takes longer than all else of a scene. */
function noiseOf(kind: number): Float32Array {
  noises[kind] ??= (() => {
    const random = new RandomStream(0, 'synthesis', kind);
    const values = new Float32Array(NOISE_STEPS);
    let state = 0;
    for (let t = 0; t < NOISE_STEPS; t++) {
      // A sum of three uniform numbers is as good as a normal one here.
      state = NOISES[kind] * state + random.next() + random.next() + random.next() - 1.5;
      values[t] = state;
    }
    const scale = 1 / rootMeanSquare(values);
    return values.map((value) => value * scale);
  })();
  return noises[kind];
}

/** Some of the noise, from anywhere on. */
function noise(random: RandomStream, steps: number): Float32Array {
  const whole = noiseOf(random.nextInteger(NOISES.length));
  const first = random.nextInteger(NOISE_STEPS);
  const values = new Float32Array(steps);
  for (let t = 0; t < steps; t++) values[t] = whole[(first + t) % NOISE_STEPS];
  return values;
}

function addTo(values: Float32Array, others: Float32Array, gain: number, at = 0): void {
  for (let t = Math.max(0, -at); t < others.length && at + t < values.length; t++)
    values[at + t] += gain * others[t];
}

/** Parts of recordings, half of them around an event of a class that is drawn first. */
export class RecordingScenes implements SceneSource {
  readonly #recordings: readonly MarkedRecording[];
  /** The events of each class that has any, and the recordings that they are in. */
  readonly #byClass: readonly (readonly (readonly [MarkedRecording, MarkedEvent])[])[];

  constructor(recordings: readonly MarkedRecording[]) {
    this.#recordings = recordings;
    const byClass = new Map<number, [MarkedRecording, MarkedEvent][]>();
    for (const recording of recordings) {
      for (const event of recording.events) {
        const own = byClass.get(event.class) ?? [];
        own.push([recording, event]);
        byClass.set(event.class, own);
      }
    }
    this.#byClass = [...byClass.values()];
  }

  scene(random: RandomStream, steps: number): Scene {
    const first = this.#part(random, steps);
    const scene = random.next() < MIXED ? together(first, this.#part(random, steps), random) : first;
    return disturbed(scene, random);
  }

  #part(random: RandomStream, steps: number): Scene {
    const speed = speedOf(random);
    const span = steps * speed;
    let recording: MarkedRecording;
    let from: number;
    if (random.next() < 0.8 && this.#byClass.length > 0) {
      const own = this.#byClass[random.nextInteger(this.#byClass.length)];
      let event: MarkedEvent;
      [recording, event] = own[random.nextInteger(own.length)];
      from = (event.from + event.to) / 2 - between(random, 0.1, 0.9) * span;
    } else {
      recording = this.#recordings[random.nextInteger(this.#recordings.length)];
      from = random.next() * (recording.values.length - span);
    }
    from = Math.max(0, Math.min(recording.values.length - span, from));
    const events = recording.events
      .filter((event) => event.to > from && event.from < from + span)
      .map((event) => ({
        class: event.class,
        from: (event.from - from) / speed,
        to: (event.to - from) / speed,
      }));
    return { values: resampled(recording.values, from, speed, steps), events };
  }
}

/** One scene over another. */
function together(a: Scene, b: Scene, random: RandomStream): Scene {
  const values = a.values.slice();
  addTo(values, b.values, decibels(between(random, -6, 6)));
  return { values, events: [...a.events, ...b.events] };
}

/** Louder or quieter, perhaps with noise. */
function disturbed({ values, events }: Scene, random: RandomStream): Scene {
  const own = values.slice();
  const level = rootMeanSquare(values);
  if (random.next() < 0.2) addTo(own, noise(random, own.length), level * decibels(between(random, -25, -3)));
  const gain = decibels(between(random, -GAIN, GAIN));
  for (let t = 0; t < own.length; t++) own[t] *= gain;
  return { values: own, events };
}

/** Seconds from one event to the next, at most. */
const APART = 2;

/** Clips at random places over noise, hum, other backgrounds, and clips that run backwards. */
export class ClipScenes implements SceneSource {
  readonly #byClass: readonly (readonly Clip[])[];
  readonly #backgrounds: readonly Clip[];
  readonly #rate: number;

  constructor(clips: readonly Clip[], rate: number) {
    const byClass = new Map<number, Clip[]>();
    for (const clip of clips) byClass.set(clip.class, [...(byClass.get(clip.class) ?? []), clip]);
    this.#backgrounds = byClass.get(0) ?? [];
    byClass.delete(0);
    this.#byClass = [...byClass.values()];
    this.#rate = rate;
  }

  scene(random: RandomStream, steps: number): Scene {
    const values = new Float32Array(steps);
    const level = decibels(between(random, -60, -30));
    addTo(values, noise(random, steps), level);
    if (random.next() < 0.4) this.#hum(values, level * between(random, 0.3, 1.5), random);
    if (this.#backgrounds.length > 0 && random.next() < 0.7) {
      const { values: other } = this.#backgrounds[random.nextInteger(this.#backgrounds.length)];
      const from = Math.max(0, random.next() * (other.length - steps));
      const part = resampled(other, from, speedOf(random), steps);
      addTo(values, part, (level * decibels(between(random, -6, 12))) / Math.max(1e-9, rootMeanSquare(part)));
    }
    const events: MarkedEvent[] = [];
    if (random.next() < 0.9) {
      const apart = between(random, 0.1, APART);
      for (let at = between(random, -0.3, APART) * this.#rate; at < steps; ) {
        at +=
          this.#place(values, Math.round(at), level, random, events) +
          between(random, -0.15, apart) * this.#rate;
      }
    }
    return disturbed({ values, events }, random);
  }

  /** Puts a clip there; how long it is. */
  #place(
    values: Float32Array,
    at: number,
    level: number,
    random: RandomStream,
    events: MarkedEvent[],
  ): number {
    const own = this.#byClass[random.nextInteger(this.#byClass.length)];
    const clip = own[random.nextInteger(own.length)];
    const speed = speedOf(random);
    const length = Math.max(1, Math.floor(clip.values.length / speed));
    let sound = resampled(clip.values, 0, speed, length);
    // What runs backwards sounds alike, and is none of the classes.
    const backwards = random.next() < 0.25;
    if (backwards) sound = sound.reverse();
    addTo(
      values,
      sound,
      (level * decibels(between(random, -3, 25))) / Math.max(1e-9, rootMeanSquare(sound)),
      at,
    );
    if (!backwards) events.push({ class: clip.class, from: at, to: at + length });
    return length;
  }

  #hum(values: Float32Array, level: number, random: RandomStream): void {
    const turn = (2 * Math.PI * between(random, 40, 400)) / this.#rate;
    const parts = [1, between(random, 0, 1), between(random, 0, 0.7)];
    for (let t = 0; t < values.length; t++) {
      for (let k = 0; k < parts.length; k++) values[t] += level * parts[k] * Math.sin((k + 1) * turn * t + k);
    }
  }
}

/** Scenes of one source, or of the other. */
export class MixedScenes implements SceneSource {
  readonly #sources: readonly SceneSource[];

  constructor(sources: readonly SceneSource[]) {
    this.#sources = sources;
  }

  scene(random: RandomStream, steps: number): Scene {
    return this.#sources[random.nextInteger(this.#sources.length)].scene(random, steps);
  }
}
