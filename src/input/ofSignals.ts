/** What encoders of signals have in common: one vocabulary for all, steps that are counted, sections that are signals. */
import { InputError } from '../errors.js';
import type { Encoded, Encoder, Section } from './encoder.js';
import { type Input, isSignal, type Signal } from './input.js';
import { mapEach, signalSections } from './long.js';

export abstract class EncoderOfSignals implements Pick<Encoder, 'inputKind' | 'count' | 'encodeSections'> {
  readonly inputKind = 'signal';
  /** Rows have the id 1; no vocabulary has fewer than two. */
  readonly vocabulary = 2;
  readonly buckets = 0;
  readonly ngrams = 1;

  /** @param maxLength steps */
  abstract encode(input: Input, maxLength: number): Encoded;

  /** Steps. */
  count(input: Input): number {
    const { channels, values } = requireSignal(input);
    return values.length / channels;
  }

  encodeSections(input: Input, sections: readonly Section[]): Iterable<Encoded> {
    return mapEach(signalSections(requireSignal(input), sections), (one) =>
      this.encode(one, Number.POSITIVE_INFINITY),
    );
  }

  knownShare(): number {
    return 1;
  }
}

/** Throws InputError on a text. */
export function requireSignal(input: Input): Signal {
  if (isSignal(input)) return input;
  throw new InputError('this model takes signals, not texts: give it { channels, values }');
}
