/** A WAV file of any length, read piece by piece: memory does not grow with it. */
import { open } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import { monoSamples, type WavSamples, wavSamples } from '../signals/wav.js';
import { fileFault } from './open.js';

/** Bytes in which the samples must begin. */
const HEAD = 2 ** 20;
/** Steps of a piece. */
const PIECE = 2 ** 17;

export interface SoundPieces {
  readonly rate: number;
  /** Samples of a channel. */
  readonly steps: number;
  readonly warning?: string | undefined;
  /** Samples from step `from` on, the mean of the channels. */
  pieces(from: number): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}

/** Throws InputError where the file cannot be read, or is no WAV file. */
export async function openSound(path: string): Promise<SoundPieces> {
  const file = await open(path).catch((error) => {
    throw fileFault(path, error);
  });
  try {
    const { size } = await file.stat();
    const head = new Uint8Array(Math.min(size, HEAD));
    let filled = 0;
    while (filled < head.length) {
      const { bytesRead } = await file.read(head, filled, head.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const samples: WavSamples = wavSamples(head.subarray(0, filled), size, path);
    const { rate, channels, bits, start, length, warning } = samples;
    const width = (channels * bits) / 8;
    const steps = Math.floor(length / width);
    if (steps === 0) throw new InputError(`${path}: it holds no samples`);
    return {
      rate,
      steps,
      warning,
      async *pieces(from) {
        const bytes = new Uint8Array(PIECE * width);
        for (let step = from; step < steps; ) {
          const wanted = Math.min(PIECE, steps - step) * width;
          const { bytesRead } = await file.read(bytes, 0, wanted, start + step * width);
          const whole = Math.floor(bytesRead / width);
          if (whole === 0) throw new InputError(`${path}: it became shorter while it was read`);
          yield monoSamples(bytes.subarray(0, whole * width), samples);
          step += whole;
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
