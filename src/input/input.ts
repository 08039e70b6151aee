/** What encoders take: texts, bytes of any kind, and signals. */

/** Numbers over time: samples of a sound, readings of sensors. */
export interface Signal {
  /** Numbers a step, at least 1. */
  readonly channels: number;
  /** [steps, channels], row-major; finite, at least one step. */
  readonly values: Float32Array;
  /** Steps a second, where it is known. */
  readonly rate?: number;
}

/** Bytes are those of a file of any kind. */
export type Input = string | Uint8Array | Signal;

/** What an encoder takes. `bytes`: texts too, as UTF-8. */
export type InputKind = 'text' | 'bytes' | 'signal';

export const isBytes = (input: Input): input is Uint8Array => input instanceof Uint8Array;

export const isSignal = (input: Input): input is Signal => typeof input !== 'string' && !isBytes(input);

/** What makes two texts the same for a split: they differ in case, white space or Unicode form (NFC, NFD) only. */
export function textKey(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** What makes two inputs the same for a split, in parts: of signals all numbers, of files all bytes. */
export function inputKey(input: Input): (string | Uint8Array)[] {
  if (typeof input === 'string') return [textKey(input)];
  if (isBytes(input)) return [`${input.length} bytes:`, input];
  const { buffer, byteOffset, byteLength } = input.values;
  return [`signal of ${input.channels}:`, new Uint8Array(buffer, byteOffset, byteLength)];
}

/** An input for people to read: a text itself, of others their sizes. */
export function describeInput(input: Input): string {
  if (typeof input === 'string') return input;
  if (isBytes(input)) return `${input.length} bytes`;
  const { channels, values, rate } = input;
  const steps = values.length / channels;
  const time = rate === undefined ? '' : `, ${(steps / rate).toFixed(2)} s`;
  return `signal of ${steps} steps, ${channels} ${channels === 1 ? 'channel' : 'channels'}${time}`;
}
