/** Training by gradients of the model's program, on an engine. */
import { joinSequences } from '../../data/encoded.js';
import { sampleOf } from '../../data/source.js';
import type { Session } from '../../engine/engine.js';
import { fromFloat16, toFloat16 } from '../../formats/float16.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import { familyOf } from '../../model/families/index.js';
import { lowerTraining } from '../../model/lowering.js';
import { initialise, modelParameters } from '../../model/parameters.js';
import type { ParameterShape } from '../../program/program.js';
import { wordVectors } from '../solvers/wordVectors.js';
import type { Trainer, TrainingTask } from './method.js';

/** What a checkpoint keeps of each parameter. */
const SECTIONS = ['parameters', 'm', 'v'] as const;
type Section = (typeof SECTIONS)[number];

/** What its checkpoints keep. */
export function gradientShapes(model: ModelConfiguration): ParameterShape[] {
  return SECTIONS.flatMap((section) =>
    modelParameters(model).map(({ name, shape }) => ({ name: `${section}.${name}`, shape })),
  );
}

/** Vectors of words change little beyond, and the time that they take grows with them. */
const EXAMPLES_FOR_VECTORS = 50_000;

/** Fresh parameters by name; words begin with their vectors where the family asks for them. */
async function beginning({
  model,
  encoder,
  settings,
  train,
  unlabelled,
}: TrainingTask): Promise<Map<string, Float32Array>> {
  const parameters = initialise(model, settings.seed);
  const { wordVectors: wanted } = familyOf(model).capabilities;
  const { firstWord: first, vocabulary: last } = encoder;
  if (wanted === undefined || first === undefined) return parameters;
  const table = parameters.get(wanted.table)!;
  const dimensions = table.length / (last + 1);
  const labelled = await sampleOf(train, EXAMPLES_FOR_VECTORS);
  const texts = unlabelled === undefined ? labelled : joinSequences(labelled, unlabelled);
  const vectors = wordVectors(texts, {
    first,
    last,
    dimensions,
    seed: settings.seed,
  });
  for (let at = 0; at < vectors.length; at += dimensions) {
    const vector = vectors.subarray(at, at + dimensions);
    // Words without neighbours keep what they have.
    if (vector.every((value) => value === 0)) continue;
    table.set(
      vector.map((value) => wanted.deviation * value),
      first * dimensions + at,
    );
  }
  return parameters;
}

export async function gradient(task: TrainingTask): Promise<Trainer> {
  const { engine, model, encoder, settings } = task;
  const session = await engine.createTraining(lowerTraining(model), { maxBatch: settings.batchSize });
  try {
    for (const [name, values] of await beginning(task)) await session.setParameter(name, values);
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
