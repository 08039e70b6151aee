/** Names the first operation of a forward program at which an engine leaves the reference: for failure messages. */
import type { Batch, Engine } from '#eft/engine/engine.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import type { Program } from '#eft/program/program.js';
import { demandClose, expectFloat32, type Tensors } from '../tolerance.js';
import type { Parameters } from './conformance-engines.js';

/** The program up to operation `last`, with the mean over the tokens of what that yields as its logits. */
function prefix(program: Program, last: number): Program | undefined {
  const { y } = program.operations[last].outputs;
  if (y === undefined || program.tensors[y].rows !== 'tokens') return undefined;
  const { loss: _, ...rest } = program;
  const builder = ProgramBuilder.from({ ...rest, operations: program.operations.slice(0, last + 1) });
  return builder.finish(builder.emit('mean', { x: y }).y);
}

/** The operation's place, kind and the numbers that differ; undefined if none does (then look at the backward half). */
export async function firstDifference(
  engine: Engine,
  program: Program,
  parameters: Parameters,
  batch: Batch,
): Promise<string | undefined> {
  for (const [place, { kind }] of program.operations.entries()) {
    const shortened = prefix(program, place);
    if (shortened === undefined) continue;
    const compute = async (on: Engine): Promise<Tensors> => {
      const session = await on.createInference(shortened, { maxBatch: batch.labels.length });
      for (const [name, values] of parameters) await session.setParameter(name, values);
      const { logits } = await session.forward(batch);
      await session.dispose();
      return new Map([['mean of the output', logits]]);
    };
    const expectation = await expectFloat32(shortened, batch.tokens.length, compute);
    try {
      demandClose(`operation ${place}, ${kind}`, await compute(engine), expectation);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}
