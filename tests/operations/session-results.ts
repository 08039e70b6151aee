/** What an engine makes of a program: loss, logits, and every gradient. */
import type { Engine, StepKey } from '#eft/engine/engine.js';
import { trainingSession } from '../engine/conformance-engines.js';
import type { Tensors } from '../tolerance.js';
import type { CaseProgram } from './case-programs.js';

export async function sessionResults(
  engine: Engine,
  { program, parameters, batch }: CaseProgram,
  key: StepKey,
): Promise<Tensors> {
  const session = await trainingSession(engine, program, parameters, batch.labels.length);
  const { logits, losses } = await session.forward(batch);
  const { loss, gradientNorm } = await session.backward(batch, key);
  const found = new Map<string, ArrayLike<number>>([
    ['logits', logits],
    ['losses', losses],
    ['loss', [loss]],
    ['gradient norm', [gradientNorm]],
  ]);
  for (const name of parameters.keys()) found.set(`gradient of ${name}`, await session.gradient(name));
  await session.dispose();
  return found;
}
