/** What is read of inputs that have more tokens than a model takes, and how much of them that leaves out. */
import type { Encoded, Encoder, Section } from './encoder.js';
import { type Input, isSignal, type Signal } from './input.js';

export const LONG_MODES = ['head', 'tail', 'head-tail', 'windows'] as const;
/**
 * The first tokens, the last, half of each, or all of them in windows whose answers are averaged.
 * @useDeclaredType
 */
export type LongMode = (typeof LONG_MODES)[number];

/** Tokens of an input, and how many of them are read. */
export interface Extent {
  readonly tokens: number;
  readonly read: number;
}

/** How inputs are read. */
export interface LengthRule {
  /** Tokens of a sequence. */
  readonly sequenceLength: number;
  readonly long: LongMode;
  /** Whether each window takes up half of the one before: answers then hang less on where it is cut. */
  readonly overlap: boolean;
}

export function extentOf(tokens: number, { sequenceLength, long }: Omit<LengthRule, 'overlap'>): Extent {
  return { tokens, read: long === 'windows' ? tokens : Math.min(tokens, sequenceLength) };
}

export function sumOfExtents(extents: Iterable<Extent>): Extent {
  let [tokens, read] = [0, 0];
  for (const extent of extents) {
    tokens += extent.tokens;
    read += extent.read;
  }
  return { tokens, read };
}

/** Share of the tokens that is not read, 0 … 1. */
export const cutShareOf = ({ tokens, read }: Extent): number => (tokens === 0 ? 0 : 1 - read / tokens);

/** The sections of an input that has more tokens than a sequence. */
export function sectionsOf(tokens: number, { sequenceLength: n, long, overlap }: LengthRule): Section[] {
  switch (long) {
    case 'head':
      return [[[0, n]]];
    case 'tail':
      return [[[tokens - n, tokens]]];
    case 'head-tail': {
      const head = Math.ceil(n / 2);
      return [
        [
          [0, head],
          [tokens - n + head, tokens],
        ],
      ];
    }
    case 'windows': {
      const step = overlap ? Math.ceil(n / 2) : n;
      const sections: Section[] = [];
      for (let from = 0; from + n < tokens; from += step) sections.push([[from, from + n]]);
      // All are of one length, so that they count alike: the last one ends where the input does.
      sections.push([[tokens - n, tokens]]);
      return sections;
    }
  }
}

/** The tokens of a section, of all that an input has. */
export function takeSection(tokens: Int32Array, section: Section): Int32Array {
  if (section.length === 1) return tokens.subarray(...section[0]);
  const parts = section.map((range) => tokens.subarray(...range));
  const selected = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    selected.set(part, at);
    at += part.length;
  }
  return selected;
}

/** The steps of each section as a signal. */
export function signalSections(whole: Signal, sections: readonly Section[]): Signal[] {
  const { channels, values } = whole;
  return sections.map((section) => {
    const parts = section.map(([from, to]) => values.subarray(from * channels, to * channels));
    const selected = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      selected.set(part, at);
      at += part.length;
    }
    return { ...whole, values: selected };
  });
}

/** What each item becomes, made when it is taken. */
export function* mapEach<T, U>(items: Iterable<T>, make: (item: T) => U): Generator<U> {
  for (const item of items) yield make(item);
}

/**
 * The sequences of an input, by threads together with others that are asked for at this moment where the encoder can.
 * @param count the input's tokens, if they are known
 */
export async function sequencesTogether(
  encoder: Encoder,
  input: Input,
  rule: LengthRule,
  threads: number,
  count?: number,
): Promise<readonly Encoded[]> {
  const { sequenceLength, long } = rule;
  if (encoder.encodeTogether === undefined || !isSignal(input)) {
    return [...sequencesOf(encoder, input, rule, count)];
  }
  const steps = count ?? encoder.count(input);
  if (long === 'head' || steps <= sequenceLength) {
    return [await encoder.encodeTogether(input, sequenceLength, threads)];
  }
  const pieces = signalSections(input, sectionsOf(steps, rule));
  return Promise.all(
    pieces.map((piece) => encoder.encodeTogether!(piece, Number.POSITIVE_INFINITY, threads)),
  );
}

/** The sequences that an input gives: one, or with windows as many as it takes. */
export function encodeInput(
  encoder: Encoder,
  input: Input,
  rule: LengthRule,
): Extent & { readonly sequences: readonly Encoded[] } {
  const tokens = encoder.count(input);
  return { ...extentOf(tokens, rule), sequences: [...sequencesOf(encoder, input, rule, tokens)] };
}

/** To be taken once, each made when it is taken. */
export interface InputSequences extends Iterable<Encoded> {
  readonly length: number;
}

/**
 * The sequences alone: of an input whose head is read, the rest is not looked at.
 * @param count the input's tokens, if they are known
 */
export function sequencesOf(
  encoder: Encoder,
  input: Input,
  rule: LengthRule,
  count?: number,
): InputSequences {
  const { sequenceLength, long } = rule;
  if (long === 'head') return [encoder.encode(input, sequenceLength)];
  const tokens = count ?? encoder.count(input);
  if (tokens <= sequenceLength) return [encoder.encode(input, sequenceLength)];
  const sections = sectionsOf(tokens, rule);
  const sequences = encoder.encodeSections(input, sections);
  return { length: sections.length, [Symbol.iterator]: () => sequences[Symbol.iterator]() };
}
