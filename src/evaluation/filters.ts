/** What a spectral mixer has learned: its filter as magnitude over frequency, and as energy over token distance. */

const POINTS = 128;

/** One layer of one model; each list has at most 128 points. */
export interface FilterSummary {
  readonly model: string;
  /** n: tokens, or rows of a signal. */
  readonly sequenceLength: number;
  /** What n counts. */
  readonly unit: 'token' | 'frame';
  /** Rows of a signal a second, where its rate is known. */
  readonly rowRate?: number | undefined;
  /** Counted from 0. */
  readonly layer: number;
  /** Cycles a token, 0 … 0.5; root mean square of |W| over the channels and the bins of the point. */
  readonly magnitude: readonly { readonly frequency: number; readonly value: number }[];
  /**
   * Tokens between input and output; mean square of the kernel at that distance, both directions, over its mean at
   * all distances: 1 everywhere for a filter of random numbers.
   */
  readonly kernel: readonly { readonly distance: number; readonly energy: number }[];
}

/** 0, 1, 2 … and then further apart, up to `last`. */
function distances(last: number): number[] {
  const chosen = new Set<number>([0]);
  for (let i = 0; i < POINTS - 1; i++) chosen.add(Math.round(last ** (i / (POINTS - 2))));
  return [...chosen].filter((distance) => distance <= last).sort((a, b) => a - b);
}

/**
 * @param real, imaginary [⌊n/2⌋ + 1, channels], row-major; the imaginary parts of bin 0 and, for even n, of bin n/2
 * have no effect and are left out
 */
export function summarizeFilter(
  {
    sequenceLength: n,
    ...which
  }: Pick<FilterSummary, 'model' | 'sequenceLength' | 'unit' | 'rowRate' | 'layer'>,
  real: ArrayLike<number>,
  imaginary: ArrayLike<number>,
): FilterSummary {
  const bins = Math.floor(n / 2) + 1;
  const channels = real.length / bins;
  const isReal = (bin: number): boolean => bin === 0 || 2 * bin === n;
  const power = Float64Array.from({ length: bins }, (_, bin) => {
    let sum = 0;
    for (let i = bin * channels; i < (bin + 1) * channels; i++) {
      sum += real[i] ** 2 + (isReal(bin) ? 0 : imaginary[i] ** 2);
    }
    return sum / channels;
  });
  const width = Math.ceil(bins / POINTS);
  const magnitude = Array.from({ length: Math.ceil(bins / width) }, (_, p) => {
    const group = power.subarray(p * width, (p + 1) * width);
    const value = Math.sqrt(group.reduce((sum, x) => sum + x, 0) / group.length);
    return { frequency: (p * width + (group.length - 1) / 2) / n, value };
  });
  // Parseval: Σ k² = (1/n) Σ |W|² over the whole spectrum, of which we hold half.
  const whole = power.reduce((sum, x, bin) => sum + (isReal(bin) ? x : 2 * x), 0);
  const meanEnergy = whole / (n * n);
  const kernel = distances(Math.floor(n / 2)).map((distance) => {
    const energy = kernelEnergy(n, channels, real, imaginary, distance, isReal);
    return { distance, energy: meanEnergy === 0 ? 0 : energy / meanEnergy };
  });
  return { ...which, sequenceLength: n, magnitude, kernel };
}

/** Mean over channels and both directions of k[±t]², with k = irfft(W). */
function kernelEnergy(
  n: number,
  channels: number,
  real: ArrayLike<number>,
  imaginary: ArrayLike<number>,
  t: number,
  isReal: (bin: number) => boolean,
): number {
  const even = new Float64Array(channels);
  const odd = new Float64Array(channels);
  for (let bin = 0; 2 * bin <= n; bin++) {
    const angle = (2 * Math.PI * ((bin * t) % n)) / n;
    const cosine = (isReal(bin) ? 1 : 2) * Math.cos(angle);
    const sine = isReal(bin) ? 0 : 2 * Math.sin(angle);
    for (let c = 0; c < channels; c++) {
      even[c] += cosine * real[bin * channels + c];
      odd[c] += sine * imaginary[bin * channels + c];
    }
  }
  // k[t] = (even − odd) / n and k[−t] = (even + odd) / n, so the mean of their squares is (even² + odd²) / n².
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += even[c] ** 2 + odd[c] ** 2;
  return sum / (channels * n * n);
}

/** Every spectral mixer among a model's parameters, by depth; none for models without. */
export function summarizeFilters(
  model: Pick<FilterSummary, 'model' | 'sequenceLength' | 'unit' | 'rowRate'>,
  parameters: ReadonlyMap<string, ArrayLike<number>>,
): FilterSummary[] {
  const ending = '.mixer.real_filter';
  return [...parameters.keys()]
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name, layer) =>
      summarizeFilter(
        { ...model, layer },
        parameters.get(`${name}.mixer.real_filter`)!,
        parameters.get(`${name}.mixer.imag_filter`)!,
      ),
    );
}
