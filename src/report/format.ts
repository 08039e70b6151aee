/** How figures are written, in one place: for the page, the tables and the command line. */

const MINUS = '−';

/** 1024 → "1,024". */
export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 10 });
}

/** "1 thread", "2 threads". */
export function plural(value: number, noun: string, several = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : several}`;
}

/** 0.12345 → "12.35%". */
export function percent(value: number, digits = 2): string {
  return `${(100 * value).toFixed(digits).replace('-', MINUS)}%`;
}

/** Percentage points without their unit, with a true minus sign: −0.0123 → "−1.2". */
export function points(value: number, digits = 1): string {
  const text = (100 * value).toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', MINUS);
}

/** The same with a plus sign. */
export function signedPoints(value: number, digits = 1): string {
  const text = points(value, digits);
  return Number(text) > 0 ? `+${text}` : text;
}

/** "+0.2 to +1.9". */
export function pointsRange([low, high]: readonly [number, number], digits = 1): string {
  return `${signedPoints(low, digits)} to ${signedPoints(high, digits)}`;
}

/** "+22.7%"; a dash where there is nothing to compare with. */
export function growth(value: number | undefined): string {
  if (value === undefined) return '–';
  return `${value < 0 ? MINUS : '+'}${percent(Math.abs(value), 1)}`;
}

/** A time to wait for: "3.2 s", "45 s", "2 min 5 s". */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 120) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A measured time without its unit: one decimal, and more below a second, where it would say nothing. */
export function shortSeconds(value: number): string {
  if (value === 0) return '0';
  return value < 1 ? value.toPrecision(2) : value.toFixed(1);
}

/** Two decimals, or digits where two decimals would say nothing. */
export function milliseconds(value: number): string {
  return value < 1 ? value.toPrecision(2) : value.toFixed(2);
}

/** "424 MB", "1.50 GB". */
export function memory(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** "98.84% (97.9 to 99.6)". */
export function accuracyWithInterval({
  accuracy,
  accuracyInterval: [low, high],
}: {
  readonly accuracy: { readonly mean: number };
  readonly accuracyInterval: readonly [number, number];
}): string {
  return `${percent(accuracy.mean)} (${points(low)} to ${points(high)})`;
}

/** "0.0312", "< 0.0001". */
export function pValue(value: number): string {
  return value < 0.0001 ? '< 0.0001' : value.toFixed(4);
}

/** 95 → "95%", 98.33… → "98.3%". */
export function level(value: number): string {
  return `${Number((100 * value).toFixed(value > 0.999 ? 2 : 1))}%`;
}

/** For axes: 1500000 → "1.5M", 0.25 → "0.25". */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** "a", "a and b", "a, b and c"; names with a comma of their own are kept apart by semicolons. */
export function joined(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  const [between, last] = words.some((word) => word.includes(', ')) ? ['; ', '; and '] : [', ', ' and '];
  return words.slice(0, -1).join(between) + last + words[words.length - 1];
}
