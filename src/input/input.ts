/** What encoders take: texts, and signals. */

/** Numbers over time: samples of a sound, readings of sensors. */
export interface Signal {
  /** Numbers a step, at least 1. */
  readonly channels: number;
  /** [steps, channels], row-major; finite, at least one step. */
  readonly values: Float32Array;
  /** Steps a second, where it is known. */
  readonly rate?: number;
}

export type Input = string | Signal;

export const isSignal = (input: Input): input is Signal => typeof input !== 'string';

/** What makes two texts the same for a split: they differ in case or white space only. */
export function textKey(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** What makes two inputs the same for a split, in parts: of signals all numbers. */
export function inputKey(input: Input): (string | Uint8Array)[] {
  if (typeof input === 'string') return [textKey(input)];
  const { buffer, byteOffset, byteLength } = input.values;
  return [`signal of ${input.channels}:`, new Uint8Array(buffer, byteOffset, byteLength)];
}

/** An input for people to read: a text itself, of a signal its sizes. */
export function describeInput(input: Input): string {
  if (typeof input === 'string') return input;
  const { channels, values, rate } = input;
  const steps = values.length / channels;
  const time = rate === undefined ? '' : `, ${(steps / rate).toFixed(2)} s`;
  return `signal of ${steps} steps, ${channels} ${channels === 1 ? 'channel' : 'channels'}${time}`;
}
