/**
 * Signals at another rate: band-limited interpolation by a windowed sinc (Smith & Gossett 1984), so that what lies below
 * both rates' half stays and what lies above is gone instead of folded down.
 */
import { InputError } from '../errors.js';
import type { Signal } from './input.js';
import { readSignal } from './rawSignal.js';

/** Zeros of the sinc on each side, of the lower of the two rates. */
const ZEROS = 64;
/** Kaiser's window: side lobes of −90 dB. */
const BETA = 9;
/** Where the filter has half its height, of the lower rate's half: with this window its stop band begins at 1. */
const CUTOFF = 0.955;
/** Rates further apart than this are taken for a fault of a header. */
const MOST_RATIO = 256;
/** Numbers of a signal. */
const MOST_NUMBERS = 2 ** 28;
/** Weights that are kept for the next step of the same phase: rates without a common divisor have as many as steps. */
const MOST_KEPT = 2 ** 21;

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-16 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const EDGE = bessel(BETA);

/** CUTOFF sinc(CUTOFF x) under the window, x in steps of the lower rate; 0 beyond its zeros. */
function kernel(x: number): number {
  const share = x / ZEROS;
  if (Math.abs(share) >= 1) return 0;
  const angle = Math.PI * CUTOFF * x;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (sinc * bessel(BETA * Math.sqrt(1 - share * share))) / EDGE;
}

/**
 * The signal at `rate` steps a second: step n is what the signal has n / rate seconds after its first step. Beyond its ends
 * it is taken to stay as it is there. Components below 90% of half the lower rate keep their size to about 1e-4, those
 * above half of it are less than 1e-4 of theirs; a constant stays the same number.
 *
 * Throws InputError where the signal is none or does not say its rate, or the rates are more than 256 times apart.
 */
export function resample(signal: Signal, rate: number): Signal {
  const { channels, values, rate: own } = readSignal(signal, 'refuse', 'the signal');
  if (own === undefined) {
    throw new InputError('a signal of unknown rate cannot be resampled: say its rate, or leave it as it is');
  }
  if (!(Number.isInteger(rate) && Number.isInteger(own) && rate > 0 && own > 0)) {
    throw new InputError(
      `rates are whole numbers of samples a second, not ${own} and ${typeof rate === 'number' ? rate : typeof rate}`,
    );
  }
  if (own === rate) return signal;
  const steps = values.length / channels;
  const count = Math.max(1, Math.round((steps * rate) / own));
  if (Math.max(rate / own, own / rate) > MOST_RATIO || count * channels > MOST_NUMBERS) {
    throw new InputError(
      `from ${own} samples a second to ${rate} it would have ${count} steps instead of ${steps}: is the rate that it says right?`,
    );
  }
  // Steps of the slower of the two, a step of the signal.
  const scale = Math.min(1, rate / own);
  const reach = Math.ceil(ZEROS / scale);
  const phases = new Map<number, Float64Array>();
  const result = new Float32Array(count * channels);
  for (let n = 0; n < count; n++) {
    const before = Math.floor((n * own) / rate);
    const phase = (n * own) % rate;
    let weights = phases.get(phase);
    if (weights === undefined) {
      weights = weightsAt(phase / rate, scale, reach);
      if ((phases.size + 1) * weights.length <= MOST_KEPT) phases.set(phase, weights);
    }
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        const at = Math.min(Math.max(before + k - reach + 1, 0), steps - 1);
        sum += weights[k] * values[at * channels + c];
      }
      result[n * channels + c] = sum;
    }
  }
  return { channels, values: result, rate };
}

/** Of the steps from −reach + 1 to reach around a place between two of them; their sum is 1. */
function weightsAt(share: number, scale: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach }, (_, k) => kernel((k - reach + 1 - share) * scale));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
