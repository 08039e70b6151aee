/**
 * When a program's operations run. What depends on parameters alone runs once a step, before the sequences; what follows
 * from the summed gradients of such tensors runs once, after them. The program's list keeps one order, that of its data.
 */
import type { Operation, Program, TensorId } from './program.js';

export interface Stages {
  /** Parameters → derived tensors. */
  readonly before: readonly Operation[];
  /** Once a sequence. */
  readonly sequence: readonly Operation[];
  /** Summed gradients of derived tensors → gradients of parameters. */
  readonly after: readonly Operation[];
}

export function programStages({ operations, tensors }: Pick<Program, 'operations' | 'tensors'>): Stages {
  const before: Operation[] = [];
  const sequence: Operation[] = [];
  const after: Operation[] = [];
  /** Tensors that follow from summed gradients. */
  const late = new Set<TensorId>();
  for (const operation of operations) {
    const inputs = Object.values(operation.inputs);
    const outputs = Object.values(operation.outputs);
    const once = [...inputs, ...outputs].every((id) => tensors[id].role !== 'activation');
    if (!once) sequence.push(operation);
    else if (inputs.some((id) => tensors[id].role === 'gradient' || late.has(id))) {
      after.push(operation);
      for (const id of outputs) late.add(id);
    } else before.push(operation);
  }
  return { before, sequence, after };
}

/** Operations in chains that share nothing that is written, each in its order: chains may run side by side. */
export function independentChains(
  operations: readonly Operation[],
  { tensors }: Pick<Program, 'tensors'>,
): Operation[][] {
  let chains: { touched: ReadonlySet<TensorId>; operations: Operation[] }[] = [];
  for (const operation of operations) {
    const ids = [...Object.values(operation.inputs), ...Object.values(operation.outputs)];
    const touched = new Set(ids.filter((id) => tensors[id].role !== 'parameter'));
    const meets = (chain: { touched: ReadonlySet<TensorId> }): boolean =>
      [...chain.touched].some((id) => touched.has(id));
    const met = chains.filter(meets);
    for (const chain of met) for (const id of chain.touched) touched.add(id);
    const joined = [...met.flatMap((chain) => chain.operations), operation];
    chains = [...chains.filter((chain) => !met.includes(chain)), { touched, operations: joined }];
  }
  const place = new Map(operations.map((operation, i) => [operation, i]));
  return chains.map((chain) => chain.operations.sort((a, b) => place.get(a)! - place.get(b)!));
}
