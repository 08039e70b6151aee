/** Weights of one sequence length as those of another, for models whose weights depend on it. */
import { InputError } from '../errors.js';
import { configureModel, type ModelConfiguration } from './configuration.js';
import { familyOf } from './families/index.js';
import { modelParameters } from './parameters.js';

export interface Resized {
  readonly model: ModelConfiguration;
  readonly parameters: Map<string, Float32Array>;
}

/** Of a mixer's two halves. */
const REAL = /\.mixer\.real_filter$/;
const IMAGINARY = '.mixer.imag_filter';

const POSITIONS = 'embedding.position.weight';

/**
 * The same model for texts of another length. Filters move exactly: what a token says of another as many tokens away
 * stays the same. So texts of at most half of both lengths get the same answers. Distances that the shorter length does
 * not have are left out; positions that training did not have begin at the mean of those that it had. Throws InputError
 * for families that need none of this.
 */
export function resizeModel(
  model: ModelConfiguration,
  parameters: ReadonlyMap<string, Float32Array>,
  sequenceLength: number,
): Resized {
  if (familyOf(model).capabilities.anyLength) {
    throw new InputError(
      `a model ${model.model} takes any length as it is: give --seq-len to eft predict or eft evaluate`,
    );
  }
  const resized = configureModel({ ...model, sequenceLength });
  const [from, to] = [model.sequenceLength, sequenceLength];
  const moved = new Map<string, Float32Array>();
  for (const [name, values] of parameters) moved.set(name, values.slice());
  if (from === to) return { model: resized, parameters: moved };
  for (const { name, shape } of modelParameters(model)) {
    const columns = shape[shape.length - 1];
    if (name === POSITIONS) moved.set(name, positions(parameters.get(name)!, columns, to));
    if (!REAL.test(name)) continue;
    const other = name.replace(REAL, IMAGINARY);
    const filter = { real: parameters.get(name)!, imaginary: parameters.get(other)! };
    const { real, imaginary } = resizeFilter(filter, columns, from, to);
    moved.set(name, real);
    moved.set(other, imaginary);
  }
  return { model: resized, parameters: moved };
}

function positions(values: Float32Array, columns: number, rows: number): Float32Array {
  const known = values.length / columns;
  const resized = new Float32Array(rows * columns);
  resized.set(values.subarray(0, resized.length));
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let i = c; i < values.length; i += columns) sum += values[i];
    for (let row = known; row < rows; row++) resized[row * columns + c] = sum / known;
  }
  return resized;
}

interface Filter {
  /** [bins, columns] */
  readonly real: Float32Array;
  readonly imaginary: Float32Array;
}

/** By way of the lags: the answer to one token at distances −n/2 … n/2, cut or filled up with zeros. */
export function resizeFilter(filter: Filter, columns: number, from: number, to: number): Filter {
  const bins = Math.floor(to / 2) + 1;
  const real = new Float32Array(bins * columns);
  const imaginary = new Float32Array(bins * columns);
  const [inverse, forward] = [turnsOf(from), turnsOf(to)];
  for (let c = 0; c < columns; c++) {
    const lags = moveLags(lagsOf(filter, columns, c, from, inverse), to);
    for (let bin = 0; bin < bins; bin++) {
      let [re, im] = [0, 0];
      for (let lag = 0; lag < to; lag++) {
        const at = (bin * lag) % to;
        re += lags[lag] * forward.cosines[at];
        im -= lags[lag] * forward.sines[at];
      }
      real[bin * columns + c] = re;
      imaginary[bin * columns + c] = im;
    }
  }
  return { real, imaginary };
}

interface Turns {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

/** cos and sin of 2π k / n. */
function turnsOf(n: number): Turns {
  const angles = Float64Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / n);
  return { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
}

/** irfft of one column. The imaginary parts of the first bin, and for even n of the last, have no influence. */
function lagsOf(
  { real, imaginary }: Filter,
  columns: number,
  column: number,
  n: number,
  { cosines, sines }: Turns,
): Float64Array {
  const lags = new Float64Array(n);
  for (let bin = 0; 2 * bin <= n; bin++) {
    const at = bin * columns + column;
    const alone = bin === 0 || 2 * bin === n;
    const re = (alone ? 1 : 2) * real[at];
    const im = alone ? 0 : 2 * imaginary[at];
    for (let lag = 0; lag < n; lag++) {
      const turn = (bin * lag) % n;
      lags[lag] += (re * cosines[turn] - im * sines[turn]) / n;
    }
  }
  return lags;
}

/** The lag n/2 of an even n stands for both directions: each gets half of it. */
function moveLags(lags: Float64Array, to: number): Float64Array {
  const from = lags.length;
  const moved = new Float64Array(to);
  const reach = Math.floor(Math.min(from, to) / 2);
  for (let lag = -reach; lag <= reach; lag++) {
    const value = lags[(lag + from) % from];
    moved[(lag + to) % to] += 2 * Math.abs(lag) === from ? value / 2 : value;
  }
  return moved;
}
