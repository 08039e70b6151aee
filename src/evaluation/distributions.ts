/** Distributions that intervals and tests need: standard normal, Student's t, and the beta behind it. */

/**
 * Quantile of the standard normal for 0.5 ≤ p < 1: Acklam's rational approximation, relative error below 1.2e-9.
 * (`probit` of simple-statistics is off in the third digit.)
 */
export function normalQuantile(p: number): number {
  if (p <= 0.97575) {
    const q = p - 0.5;
    const r = q * q;
    const numerator =
      ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
        30.66479806614716) *
        r +
      2.506628277459239;
    const denominator =
      ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
        13.28068155288572) *
        r +
      1;
    return (q * numerator) / denominator;
  }
  const q = Math.sqrt(-2 * Math.log(1 - p));
  const numerator =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const denominator =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
    1;
  return -numerator / denominator;
}

/** ln Γ(x) for x > 0 (Lanczos 1964, g = 7, nine terms), absolute error below 1e-13. */
function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const sum = coefficients.reduce((part, c, i) => part + c / (shifted + i + 1), 0.9999999999998099);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** The continued fraction of the incomplete beta function (Press et al. 2007, section 6.4), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-14) break;
  }
  return fraction;
}

/** The regularised incomplete beta function I_x(a, b): probability that a beta variable is at most x. */
export function betaProbability(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** Where a rising function of [low, high] passes `target`, by halving. */
function halve(low: number, high: number, target: number, rising: (x: number) => number): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 200 && to - from > 1e-13 * (1 + Math.abs(from)); i++) {
    const middle = (from + to) / 2;
    if (rising(middle) < target) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** The x with I_x(a, b) = p. */
export function betaQuantile(p: number, a: number, b: number): number {
  return halve(0, 1, p, (x) => betaProbability(x, a, b));
}

/** Probability that Student's t is at least |t| from zero. `freedom` may be a fraction. */
export function studentTwoSided(t: number, freedom: number): number {
  return betaProbability(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** Quantile of Student's t for 0.5 ≤ p < 1. */
export function studentQuantile(p: number, freedom: number): number {
  const outside = 2 * (1 - p);
  if (outside >= 1) return 0;
  const x = betaQuantile(outside, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - x)) / x);
}
