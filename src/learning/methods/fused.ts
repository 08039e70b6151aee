/**
 * Training of two paths whose logits are added: a linear one, as the family `linear` is trained, and a deep one by
 * gradients of the model's program. Each is trained alone; what their logits are multiplied by is fitted on the validation
 * examples, and the deep path is left out where its worth is not shown there.
 */
import { exampleLabels } from '../../data/encoded.js';
import { type Fusion, fitFusion, fusedLogits } from '../../evaluation/fusion.js';
import { crossEntropies } from '../../evaluation/metrics.js';
import type { TrainedModel } from '../../formats/trainedModel.js';
import { fit } from '../fit.js';
import { byExample, forwardDataset, scoreOf } from '../forward.js';
import { gradient } from './gradient.js';
import { linear } from './linear.js';
import type { LinearPathTask, Trainer, TrainingTask } from './method.js';
import type { ValidatedModel } from './savedLinear.js';

/** Of the last layer of both paths: what their logits are multiplied by goes into it. */
const HEAD = ['head.weight', 'head.bias'];

/** What is said of a path that was not trained: nothing is known of its worth. */
const ALONE: Fusion = { linear: 1, deep: 0, gain: 0, error: 0 };

export async function fused(task: TrainingTask): Promise<Trainer> {
  if (task.folds !== undefined && task.linear !== undefined) return linearAlone(task, task.linear);
  const deep = await gradient(task);
  const { linear: linearTask, validation, model } = task;
  if (linearTask === undefined) return deep;
  const labels = exampleLabels(validation);
  const { classes } = model;
  let trained: Promise<ValidatedModel> | undefined;
  /** Trained when it is first needed: quickly, and again with the same bits where a training goes on. */
  const linearPath = (): Promise<ValidatedModel> => {
    trained ??= trainLinear(task, linearTask);
    return trained;
  };
  let fusion: Fusion | undefined;
  return {
    ...deep,
    async step(batch, key, optimizer) {
      await linearPath();
      return deep.step(batch, key, optimizer);
    },
    async validate() {
      const forwarded = await forwardDataset(deep, validation, classes);
      const { logits: deepLogits } = byExample(forwarded, validation, classes);
      const { logits: linearLogits } = await linearPath();
      const problem = { linear: linearLogits, deep: deepLogits, labels, classes };
      fusion = fitFusion(problem);
      const logits = fusedLogits(problem, [fusion.linear, fusion.deep]);
      return scoreOf({ logits, losses: crossEntropies(logits, labels, classes) }, labels, classes);
    },
    async model(): Promise<TrainedModel> {
      const own = await deep.model();
      if (fusion === undefined) return own;
      const { model: path } = await linearPath();
      return {
        encoder: own.encoder,
        parameters: fusion.deep === 0 ? new Map() : scaled(own.parameters, fusion.deep),
        linear: {
          ...path,
          parameters: scaled(path.parameters, fusion.linear),
          model: path.model ?? linearTask.model,
          fusion,
        },
      };
    },
  };
}

/** Of few texts: the linear path is the model, and no deep one is trained. */
async function linearAlone(
  { engine, signal, encoder }: TrainingTask,
  linearTask: LinearPathTask,
): Promise<Trainer> {
  const trainer = await linear({ engine, signal, ...linearTask });
  return {
    ...trainer,
    async model(): Promise<TrainedModel> {
      const path = await trainer.model();
      return {
        encoder,
        parameters: new Map(),
        linear: { ...path, model: path.model ?? linearTask.model, fusion: ALONE },
      };
    },
  };
}

/** The linear model of the best epoch. */
async function trainLinear(
  { engine, signal }: TrainingTask,
  linearTask: LinearPathTask,
): Promise<ValidatedModel> {
  const { model, train, validation, settings } = linearTask;
  const trainer = await linear({ engine, ...linearTask });
  let best = trainer.validated();
  await fit({
    session: trainer,
    classes: model.classes,
    train,
    validation,
    settings,
    hooks: {
      async onEpoch(_record, _state, isBest) {
        if (isBest) best = trainer.validated();
      },
    },
    ...(signal ? { signal } : {}),
  });
  return best;
}

/** The parameters of a model whose logits are `factor` times as large. */
function scaled(
  parameters: ReadonlyMap<string, Float32Array>,
  factor: number,
): ReadonlyMap<string, Float32Array> {
  const heads = HEAD.map((name) => [name, parameters.get(name)!.map((value) => factor * value)] as const);
  return new Map([...parameters, ...heads]);
}
