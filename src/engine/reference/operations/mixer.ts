/**
 * The spectral mixer by the definition of the discrete Fourier transform, n² steps a channel.
 *
 * The spectrum of n real numbers is kept as n numbers a channel: first the real parts of bins 0 … ⌊n/2⌋, then the
 * imaginary parts of bins 1 … ⌊(n−1)/2⌋; those of bin 0 and, for even n, of bin n/2 are zero.
 */
import type { Matrix, ReferenceOperation } from '../operands.js';

interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

/** Cosines and sines of 2π k / n for k = 0 … n − 1. */
interface Circle {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

function circle(n: number): Circle {
  const angle = (_: unknown, k: number): number => (2 * Math.PI * k) / n;
  const angles = Float64Array.from({ length: n }, angle);
  return { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
}

const binCount = (n: number): number => Math.floor(n / 2) + 1;

/** True for bins that are real whatever the input: 0, and n/2 for even n. */
const isReal = (bin: number, n: number): boolean => bin === 0 || 2 * bin === n;

/** How often a bin of the half spectrum stands in the whole one. */
const weightOf = (bin: number, n: number): number => (isReal(bin, n) ? 1 : 2);

/** X[k] = Σ_t x[t, c] e^(−2πikt/n) for the bins of the half spectrum; rows that x does not have are zero. */
function transform(x: Matrix, c: number, n: number, { cosines, sines }: Circle): Complex[] {
  return Array.from({ length: binCount(n) }, (_, k) => {
    let real = 0;
    let imaginary = 0;
    for (let t = 0; t < x.rows; t++) {
      real += x.values[t * x.columns + c] * cosines[(k * t) % n];
      imaginary -= x.values[t * x.columns + c] * sines[(k * t) % n];
    }
    return { real, imaginary: isReal(k, n) ? 0 : imaginary };
  });
}

/** y[t, c] = 1/n Σ_k weight(k) Re(Y[k] e^(2πikt/n)), for the rows that y has. */
function inverse(
  spectrum: readonly Complex[],
  y: Matrix,
  c: number,
  n: number,
  { cosines, sines }: Circle,
): void {
  for (let t = 0; t < y.rows; t++) {
    let sum = 0;
    spectrum.forEach(({ real, imaginary }, k) => {
      const turned = real * cosines[(k * t) % n] - (isReal(k, n) ? 0 : imaginary * sines[(k * t) % n]);
      sum += weightOf(k, n) * turned;
    });
    y.values[t * y.columns + c] = sum / n;
  }
}

function writeSpectrum(bins: readonly Complex[], spectrum: Matrix, c: number, n: number): void {
  bins.forEach(({ real, imaginary }, k) => {
    spectrum.values[k * spectrum.columns + c] = real;
    if (!isReal(k, n)) spectrum.values[(binCount(n) + k - 1) * spectrum.columns + c] = imaginary;
  });
}

function readSpectrum(spectrum: Matrix, c: number, n: number): Complex[] {
  return Array.from({ length: binCount(n) }, (_, k) => ({
    real: spectrum.values[k * spectrum.columns + c],
    imaginary: isReal(k, n) ? 0 : spectrum.values[(binCount(n) + k - 1) * spectrum.columns + c],
  }));
}

/** y = irfft(rfft(x) · (real + i imaginary)) a channel */
export const spectralMixer: ReferenceOperation = ({
  inputs: { x, real, imaginary },
  outputs: { y, spectrum },
  sequence,
}) => {
  const n = sequence.sequenceLength;
  const turns = circle(n);
  for (let c = 0; c < x.columns; c++) {
    const bins = transform(x, c, n, turns);
    writeSpectrum(bins, spectrum, c, n);
    const filtered = bins.map((bin, k) => {
      const fr = real.values[k * real.columns + c];
      const fi = imaginary.values[k * imaginary.columns + c];
      return {
        real: bin.real * fr - bin.imaginary * fi,
        imaginary: bin.real * fi + bin.imaginary * fr,
      };
    });
    inverse(filtered, y, c, n, turns);
  }
};

/**
 * With X the spectrum of x, G = rfft(dy) and H = real + i imaginary:
 * dx = irfft(conj(H) G); dreal + i dimaginary += weight/n · conj(X) G, where dimaginary of a real bin is zero.
 */
export const spectralMixerBackward: ReferenceOperation = ({ inputs, outputs, sequence }) => {
  const { dy, spectrum, real, imaginary } = inputs;
  const { dx, dreal, dimaginary } = outputs;
  const n = sequence.sequenceLength;
  const turns = circle(n);
  for (let c = 0; c < dy.columns; c++) {
    const x = readSpectrum(spectrum, c, n);
    const bins = transform(dy, c, n, turns);
    const filtered = bins.map((g, k) => {
      const i = k * real.columns + c;
      const share = weightOf(k, n) / n;
      dreal.values[i] += share * (x[k].real * g.real + x[k].imaginary * g.imaginary);
      if (!isReal(k, n)) {
        dimaginary.values[i] += share * (x[k].real * g.imaginary - x[k].imaginary * g.real);
      }
      const fr = real.values[i];
      const fi = imaginary.values[i];
      return { real: fr * g.real + fi * g.imaginary, imaginary: fr * g.imaginary - fi * g.real };
    });
    inverse(filtered, dx, c, n, turns);
  }
};
