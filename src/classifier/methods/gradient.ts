/** Training by gradients of the model's program, on an engine. */
import type { Session } from '../../engine/engine.js';
import { fromFloat16, toFloat16 } from '../../formats/float16.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import { lowerTraining } from '../../model/lowering.js';
import { initialise, modelParameters } from '../../model/parameters.js';
import type { ParameterShape } from '../../program/program.js';
import type { Learner, Lesson } from './method.js';

/** What a checkpoint keeps of each parameter. */
const SECTIONS = ['parameters', 'm', 'v'] as const;
type Section = (typeof SECTIONS)[number];

/** What its checkpoints keep. */
export function gradientShapes(model: ModelConfiguration): ParameterShape[] {
  return SECTIONS.flatMap((section) =>
    modelParameters(model).map(({ name, shape }) => ({ name: `${section}.${name}`, shape })),
  );
}

export async function gradient({ engine, model, encoder, settings }: Lesson): Promise<Learner> {
  const session = await engine.createTraining(lowerTraining(model), { maxBatch: settings.batchSize });
  try {
    const initial = initialise(model, settings.seed);
    for (const [name, values] of initial) await session.setParameter(name, values);
  } catch (error) {
    await session.dispose();
    throw error;
  }
  const shapes = modelParameters(model);
  const names = shapes.map(({ name }) => name);
  const read = async (section: Section, name: string): Promise<Float32Array> =>
    Float32Array.from(
      await (section === 'parameters' ? session.parameter(name) : session.moment(section, name)),
    );
  return {
    step: (batch, key, optimizer) => session.step(batch, key, optimizer),
    forward: (batch) => session.forward(batch),
    shapes: gradientShapes(model),
    async kept() {
      const kept = new Map<string, Float32Array>();
      for (const section of SECTIONS) {
        for (const name of names) kept.set(`${section}.${name}`, await read(section, name));
      }
      return kept;
    },
    async restore(kept) {
      for (const section of SECTIONS) {
        for (const name of names) await write(session, section, name, kept.get(`${section}.${name}`)!);
      }
    },
    /** With the numbers that files keep. */
    async model() {
      const parameters = new Map<string, Float32Array>();
      for (const { name, stored } of shapes) {
        const values = await read('parameters', name);
        parameters.set(name, stored === 'F16' ? fromFloat16(toFloat16(values)) : values);
      }
      return { encoder, parameters };
    },
    dispose: () => session.dispose(),
  };
}

function write(session: Session, section: Section, name: string, values: Float32Array): Promise<void> {
  return section === 'parameters'
    ? session.setParameter(name, values)
    : session.setMoment(section, name, values);
}
