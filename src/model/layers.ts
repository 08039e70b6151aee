/** The layers: each lowers itself to operations and names its parameters as the PyTorch reference does. */
import type { ProgramBuilder } from '../program/builder.js';
import type { TensorId } from '../program/program.js';
import type { Attributes } from '../program/tensor.js';
import { rowNumbers, type SignalShape, windowNumbers } from './options.js';

export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  /** Uniform in ±bound. */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Normal around 0; `paddingRow`: row 0 is zero. */
  | { readonly kind: 'normal'; readonly deviation: number; readonly paddingRow?: true }
  /** Pairs of short waves, from low ones to high ones, in windows of so many steps of signals of so many channels. */
  | { readonly kind: 'waves'; readonly window: number; readonly channels: number };

export interface ParameterSpecification {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** How files keep it: whole numbers from −127 to 127 in a byte each, or in half precision. Default: float32. */
  readonly stored?: 'I8' | 'F16';
}

export type StoredType = NonNullable<ParameterSpecification['stored']>;

/** Rates of what is dropped in training; 0 = nothing is. */
export interface DropoutRates {
  readonly dropout: number;
  /** Of whole words, for families that know it. */
  readonly wordDropout?: number;
}

/** Id of the word that stands for dropped ones: the unknown one of every encoder with a vocabulary. */
const UNKNOWN_WORD = 1;

/** A program under construction with the model's parameters and its dropout sites. */
export class ModelBuilder {
  readonly program: ProgramBuilder;
  readonly parameters: ParameterSpecification[] = [];
  /**
   * Of a model whose rows answer by themselves: numbers behind those of a row, which it should be answered with. Windows then
   * lie around their row.
   */
  readonly targets: number | undefined;
  readonly #dropout: number;
  readonly #wordDropout: number;
  #sites = 0;

  constructor(program: ProgramBuilder, { dropout, wordDropout = 0 }: DropoutRates, targets?: number) {
    this.program = program;
    this.targets = targets;
    this.#dropout = dropout;
    this.#wordDropout = wordDropout;
  }

  parameter(name: string, shape: readonly number[], initial: Initial, stored?: StoredType): TensorId {
    this.parameters.push({ name, shape, initial, ...(stored ? { stored } : {}) });
    return this.program.parameter(name, shape);
  }

  dropout(x: TensorId): TensorId {
    if (this.#dropout === 0) return x;
    return this.program.emit('dropout', { x }, { rate: this.#dropout, site: this.#sites++ }).y;
  }

  /** Attributes of an embedding: its word dropout. */
  wordDropout(): Attributes {
    const rate = this.#wordDropout;
    return rate === 0 ? {} : { rate, site: this.#sites++, unknown: UNKNOWN_WORD };
  }

  /** residual + dropout(x Wᵀ + b). Without dropout the residual is part of the product. */
  linearOnto(residual: TensorId, name: string, x: TensorId, inputs: number, outputs: number): TensorId {
    if (this.#dropout === 0) return linearLayer(this, name, x, inputs, outputs, residual);
    const y = this.dropout(linearLayer(this, name, x, inputs, outputs));
    return this.program.emit('add', { a: residual, b: y }).y;
  }
}

export const uniform = (bound: number): Initial => ({ kind: 'uniform', bound });
export const constant = (value: number): Initial => ({ kind: 'constant', value });
/** The deviation is the paper's for its filters. */
export const normal = { kind: 'normal', deviation: 0.02 } as const;

/** torch.nn.Linear's initial values: uniform in ±1/√inputs for weight and bias. */
export function linearLayer(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  inputs: number,
  outputs: number,
  residual?: TensorId,
): TensorId {
  const bound = uniform(1 / Math.sqrt(inputs));
  const weight = model.parameter(`${name}.weight`, [outputs, inputs], bound);
  const bias = model.parameter(`${name}.bias`, [outputs], bound);
  const operands = residual === undefined ? { x, weight, bias } : { x, weight, bias, residual };
  return model.program.emit('linear', operands, {}, name).y;
}

export function normLayer(model: ModelBuilder, name: string, x: TensorId, channels: number): TensorId {
  const weight = model.parameter(`${name}.weight`, [channels], constant(1));
  const bias = model.parameter(`${name}.bias`, [channels], constant(0));
  return model.program.emit('layerNorm', { x, weight, bias }, {}, name).y;
}

/** Name of the token table. */
export const TOKEN_TABLE = 'embedding.token.weight';

/**
 * Token table with a padding row 0, and positions, from N(0, 0.02²) as in BERT and GPT-2. torch.nn.Embedding's N(0, 1)
 * drowns what few steps teach a row: on film reviews at 512 tokens it cost Elastic Fourier 2 points of accuracy.
 */
export function embeddingLayer(
  model: ModelBuilder,
  rows: number,
  channels: number,
  positions: number | undefined,
  stored?: StoredType,
): TensorId {
  const initial = { ...normal, paddingRow: true } as const;
  const token = model.parameter(TOKEN_TABLE, [rows + 1, channels], initial, stored);
  const words = model.wordDropout();
  if (positions === undefined) return model.program.emit('embedding', { token }, words, 'embedding').y;
  const position = model.parameter('embedding.position.weight', [positions, channels], normal);
  return model.program.emit('embedding', { token, position }, words, 'embedding').y;
}

/** x + W₂ gelu(W₁ norm(x)), pre-norm. */
export function feedForward(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  channels: number,
  hidden: number,
): TensorId {
  const normed = normLayer(model, `${name}.norm2`, x, channels);
  const expanded = linearLayer(model, `${name}.feed_forward.expand`, normed, channels, hidden);
  const activated = model.program.emit('gelu', { x: expanded }, {}, `${name}.gelu`).y;
  return model.linearOnto(x, `${name}.feed_forward.contract`, activated, hidden, channels);
}

const windowsAhead = (program: ProgramBuilder, signal: SignalShape): TensorId =>
  program.emit('frames', {}, { width: rowNumbers(signal), window: windowNumbers(signal) }, 'frames').y;

function windowsAround(program: ProgramBuilder, signal: SignalShape, targets: number): TensorId {
  const own = rowNumbers(signal);
  const { y } = program.emit('frames', {}, { width: own + targets, window: own }, 'frames');
  const taps = windowNumbers(signal) / own;
  return taps === 1 ? y : program.emit('window', { x: y }, { taps }, 'windows').y;
}

/**
 * What a window of a signal holds, [rows, features]: its numbers, or how strongly pairs of filters answer to it. The
 * filters are learned, and begin as waves.
 */
function windows(model: ModelBuilder, signal: SignalShape): [TensorId, number] {
  const { program } = model;
  const { channels, window, filters } = signal;
  const numbers = windowNumbers(signal);
  const y =
    model.targets === undefined
      ? windowsAhead(program, signal)
      : windowsAround(program, signal, model.targets);
  if (filters === 0) return [y, numbers];
  const waves = { kind: 'waves', window, channels } as const;
  const weight = model.parameter('filters.weight', [2 * filters, numbers], waves);
  const bias = model.parameter('filters.bias', [2 * filters], constant(0));
  const x = program.emit('linear', { x: y, weight, bias }, {}, 'filters').y;
  const magnitude = program.emit('magnitude', { x }, {}, 'magnitude').y;
  return [normLayer(model, 'filters.norm', magnitude, filters), filters];
}

/**
 * How models with blocks begin: embedded tokens, or the windows of a signal through a linear layer; with dropout.
 * @param positions whether the place of a row matters by itself
 * @param stored how files keep the tokens' table
 */
export function inputRows(
  model: ModelBuilder,
  {
    vocabulary,
    channels,
    signal,
  }: { vocabulary: number; channels: number; signal?: SignalShape | undefined },
  { positions, stored }: { positions: boolean; stored?: StoredType },
): TensorId {
  const length = positions ? model.program.sequenceLength : undefined;
  if (signal === undefined) return model.dropout(embeddingLayer(model, vocabulary, channels, length, stored));
  const [features, width] = windows(model, signal);
  // All rows of signals have the id 1: what is left of an embedding are the positions.
  const place = positions ? embeddingLayer(model, 1, channels, length) : undefined;
  return model.dropout(linearLayer(model, 'embedding.signal', features, width, channels, place));
}

/** Masked mean and a linear layer: how all of the paper's models end. */
export function pooledHead(
  model: ModelBuilder,
  x: TensorId,
  { channels, classes }: { channels: number; classes: number },
): TensorId {
  const pooled = model.program.emit('mean', { x }, {}, 'pooled').y;
  return linearLayer(model, 'head', pooled, channels, classes);
}
