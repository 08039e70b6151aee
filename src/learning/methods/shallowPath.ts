/**
 * The path beside a deep one: of the models that are tried, each trained by its own method, the one with the least loss on
 * examples that it did not learn from.
 */
import { exampleLabels } from '../../data/encoded.js';
import type { TrainedModel } from '../../formats/trainedModel.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import { fit, type Validated } from '../fit.js';
import { byExample, forwardDataset, lossesOf } from '../forward.js';
import type { ShallowPathTask, Trainer, TrainingTask } from './method.js';

/** A trained path, and what it says of the validation examples: [examples, classes]. */
export interface ShallowPath {
  readonly model: ModelConfiguration;
  readonly trained: TrainedModel;
  readonly logits: Float64Array;
}

type Context = Pick<TrainingTask, 'engine' | 'signal'>;

/** Judged by the validation examples. @param tasks at least one */
export async function trainShallowPath(
  context: Context,
  tasks: readonly ShallowPathTask[],
): Promise<ShallowPath> {
  let best: JudgedPath | undefined;
  for (const task of tasks) best = (await trainOne(context, task, best?.loss)) ?? best;
  return best!;
}

interface JudgedPath extends ShallowPath {
  readonly loss: number;
}

/**
 * The model of the best epoch, unless its loss is no lower than another's: making a model may mean solving it once more with
 * the validation examples, which is nothing to do for one that is not wanted.
 */
async function trainOne(
  context: Context,
  task: ShallowPathTask,
  lossToBeat: number | undefined,
): Promise<JudgedPath | undefined> {
  const { engine, signal } = context;
  const { model, train, validation, settings } = task;
  const trainer = await task.method({ engine, ...task });
  try {
    let best: JudgedPath | undefined;
    await fit({
      session: trainer,
      classes: model.classes,
      train,
      validation,
      settings,
      hooks: {
        async onEpoch(_record, _state, isBest) {
          if (!isBest) return;
          best = undefined;
          const found = await trainer.validated?.();
          const logits = found?.logits ?? (await validationLogits(trainer, task));
          const loss = lossOf(logits, task);
          if (lossToBeat !== undefined && loss >= lossToBeat) return;
          const trained = found?.model ?? (await trainer.model());
          best = { model: trained.model ?? model, trained, logits, loss };
        },
      },
      ...(signal ? { signal } : {}),
    });
    return best;
  } finally {
    await trainer.dispose();
  }
}

async function validationLogits(
  trainer: Trainer,
  { validation, model: { classes } }: ShallowPathTask,
): Promise<Float64Array> {
  return byExample(await forwardDataset(trainer, validation, classes), validation, classes).logits;
}

function lossOf(logits: Float64Array, { validation, model: { classes } }: ShallowPathTask): number {
  const losses = lossesOf(logits, exampleLabels(validation), validation, classes);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** What trains it, and, when that is done, whose model it is. */
interface ChosenPath {
  readonly trainer: Trainer;
  configuration(): ModelConfiguration;
}

/** Where nothing is held out: each is judged by the examples that it left out in turn. */
export async function chooseShallowPath(
  context: Context,
  tasks: readonly ShallowPathTask[],
): Promise<ChosenPath> {
  const { engine, signal } = context;
  const trainers: Trainer[] = [];
  for (const task of tasks) trainers.push(await task.method({ engine, signal, ...task }));
  let chosen = 0;
  let score: Validated | undefined;
  const [only] = trainers;
  const dispose = async (): Promise<void> => {
    for (const trainer of trainers) await trainer.dispose();
  };
  const model = (): Promise<TrainedModel> => trainers[chosen].model();
  const configuration = (): ModelConfiguration => tasks[chosen].model;
  if (trainers.length === 1) return { trainer: { ...only, model, dispose }, configuration };
  const nameOf = (t: number): string => tasks[t].model.model;
  const trainer: Trainer = {
    shapes: [
      { name: 'chosen', shape: [1] },
      ...trainers.flatMap(({ shapes }, t) =>
        shapes.map(({ name, ...one }) => ({ ...one, name: `${nameOf(t)}.${name}` })),
      ),
    ],
    async step(batch, key, optimizer) {
      const candidates: { name: string; accuracy: number; loss: number }[] = [];
      let result: Awaited<ReturnType<Trainer['step']>> | undefined;
      for (const [t, one] of trainers.entries()) {
        const stepped = await one.step(batch, key, optimizer);
        const own = await one.validate!();
        candidates.push({ name: nameOf(t), accuracy: own.accuracy, loss: own.loss });
        if (score !== undefined && own.loss >= score.loss) continue;
        [chosen, score, result] = [t, own, stepped];
      }
      const { crossValidation } = score!;
      const words = [
        nameOf(chosen),
        ...(crossValidation!.chosen === undefined ? [] : [crossValidation!.chosen]),
      ];
      score = { ...score!, crossValidation: { ...crossValidation!, chosen: words.join(': '), candidates } };
      return result!;
    },
    validate: async () => score!,
    forward: (batch) => trainers[chosen].forward(batch),
    async kept() {
      const kept = new Map<string, Float32Array>([['chosen', Float32Array.of(chosen)]]);
      for (const [t, one] of trainers.entries()) {
        for (const [name, values] of await one.kept()) kept.set(`${nameOf(t)}.${name}`, values);
      }
      return kept;
    },
    async restore(kept, step) {
      [chosen] = kept.get('chosen')!;
      for (const [t, one] of trainers.entries()) {
        const prefix = `${nameOf(t)}.`;
        const own = [...kept].filter(([name]) => name.startsWith(prefix));
        await one.restore(new Map(own.map(([name, values]) => [name.slice(prefix.length), values])), step);
      }
    },
    model,
    dispose,
  };
  return { trainer, configuration };
}
