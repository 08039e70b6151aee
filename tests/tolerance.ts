/**
 * How far a float32 engine may be from the float64 reference: derived, not chosen.
 *
 * Backward error analysis says that float32 arithmetic gives the exact result of slightly disturbed data. So the
 * reference engine runs the same computation SAMPLES times with every number it stores disturbed at random, by up
 * to γ of its size, and activations and derived tensors also by up to γ of the root mean square of their tensor (errors
 * of sums and transforms are relative to what went in: a bin that is zero may come out as a rounding error of its
 * neighbours):
 *
 *     γ = u · (4 + √K),  u = 2⁻²⁴,  K = the longest sum of the program
 *
 * √K is how rounding errors of a sum of K terms grow in probability (Higham & Mary 2019), 4 units cover storing and
 * the few units that exp, tanh, sin and cos may be off. With σ[i] the root mean square deviation of number i over
 * the samples, an engine's number may differ from the reference's by
 *
 *     allowance[i] = SPREADS · σ[i] + 4 u · max|tensor|
 *
 * The second term is the absolute floor. Conditioning is thereby measured: AdamW's division by √v̂ of a gradient that
 * is mostly rounding error shows up as samples that differ by the step size.
 */
import type { Engine } from '#eft/engine/engine.js';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import type { Program } from '#eft/program/program.js';
import { RandomStream } from '#eft/random.js';

/** Unit roundoff of float32. */
export const FLOAT32_UNIT = 2 ** -24;
const SAMPLES = 8;
/**
 * An error beyond 3 σ is rare, and so is an estimate of σ from 8 samples below a third of it (a chi-square of 8
 * degrees of freedom below 8/9: 1 in 1,000): both at once do not happen.
 */
const SPREADS = 9;

export type Tensors = ReadonlyMap<string, ArrayLike<number>>;

export interface Expectation {
  readonly values: Tensors;
  readonly allowances: ReadonlyMap<string, Float64Array>;
}

/** The longest sum: inputs of a product, or tokens of a batch in the gradient of a weight. */
export function longestSum(program: Program, tokens: number): number {
  const products = program.operations.map(({ inputs }) =>
    'weight' in inputs ? program.tensors[inputs.weight].columns : 1,
  );
  return Math.max(tokens, program.sequenceLength, ...products);
}

/** A reference engine whose stored numbers are disturbed by up to γ. */
export function disturbedReference(gamma: number, seed: number): Engine {
  const random = new RandomStream(seed, 'test');
  const around = (): number => 2 * random.next() - 1;
  return createReferenceEngine({
    storing(values, role, key) {
      // A norm's statistics are means and scales side by side: one tells nothing about the other's errors.
      const spreads = (role === 'activation' || role === 'derived') && key !== 'statistics';
      const spread = spreads ? Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length) : 0;
      for (let i = 0; i < values.length; i++) values[i] += gamma * (Math.abs(values[i]) + spread) * around();
    },
  });
}

/** What `compute` gives on the reference engine, and how far a float32 engine may be from it. */
export async function expectFloat32(
  program: Program,
  tokens: number,
  compute: (engine: Engine) => Promise<Tensors>,
): Promise<Expectation> {
  const gamma = FLOAT32_UNIT * (4 + Math.sqrt(longestSum(program, tokens)));
  const values = await compute(createReferenceEngine());
  const squares = new Map([...values].map(([name, tensor]) => [name, new Float64Array(tensor.length)]));
  for (let sample = 0; sample < SAMPLES; sample++) {
    const disturbed = await compute(disturbedReference(gamma, sample));
    for (const [name, tensor] of values) {
      const sums = squares.get(name)!;
      for (let i = 0; i < sums.length; i++) sums[i] += (disturbed.get(name)![i] - tensor[i]) ** 2;
    }
  }
  const allowances = new Map<string, Float64Array>();
  for (const [name, tensor] of values) {
    const floor = 4 * FLOAT32_UNIT * largest(tensor);
    allowances.set(
      name,
      squares.get(name)!.map((sum) => SPREADS * Math.sqrt(sum / SAMPLES) + floor),
    );
  }
  return { values, allowances };
}

/** Allowances of `share` of each tensor's largest magnitude. */
export function expectRelative(values: Tensors, share: number): Expectation {
  const allowances = [...values].map(
    ([name, tensor]) => [name, new Float64Array(tensor.length).fill(share * largest(tensor))] as const,
  );
  return { values, allowances: new Map(allowances) };
}

/** Throws an error that names the tensors that are too far off: index, both values, share of the allowance. */
export function demandClose(who: string, actual: Tensors, { values, allowances }: Expectation): void {
  const complaints: string[] = [];
  for (const [name, expected] of values) {
    const found = actual.get(name);
    if (found === undefined || found.length !== expected.length) {
      complaints.push(`${name}: ${found?.length ?? 'no'} numbers instead of ${expected.length}`);
      continue;
    }
    const allowance = allowances.get(name)!;
    let worst = 0;
    let worstShare = 0;
    let beyond = 0;
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(found[i] - expected[i]);
      // Equal numbers are fine where nothing is allowed; NaN never is.
      const share = difference === 0 ? 0 : difference / allowance[i];
      if (!(share <= 1)) beyond++;
      if (!(share <= worstShare)) {
        worst = i;
        worstShare = share;
      }
    }
    if (beyond > 0) {
      complaints.push(
        `${name}[${worst}]: ${found[worst]} instead of ${expected[worst]}, ${worstShare.toPrecision(3)} times the allowance (${beyond} of ${expected.length} numbers are beyond theirs)`,
      );
    }
  }
  if (complaints.length > 0) throw new Error(`${who}:\n  ${complaints.join('\n  ')}`);
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
