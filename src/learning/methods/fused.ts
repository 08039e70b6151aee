/**
 * Training of two paths whose logits are added: a shallow one, trained by its own method, and a deep one by gradients of
 * the model's program. Each is trained alone; what their logits are multiplied by is fitted on the validation examples, and
 * the deep path is left out where its worth is not shown there.
 */
import { exampleLabels } from '../../data/encoded.js';
import { targetsOfSets } from '../../data/labelSets.js';
import { type Fusion, fitFusion, fusedLogits } from '../../evaluation/fusion.js';
import { fitLabelFusion, fusedLabelLogits } from '../../evaluation/labelFusion.js';
import { crossEntropies } from '../../evaluation/metrics.js';
import type { TrainedModel } from '../../formats/trainedModel.js';
import { byExample, forwardDataset, scoreOf } from '../forward.js';
import { validatedLabels } from '../labelTraining.js';
import { gradient } from './gradient.js';
import type { ShallowPathTask, Trainer, TrainingTask } from './method.js';
import { chooseShallowPath, type ShallowPath, trainShallowPath } from './shallowPath.js';

/** Of the last layer of both paths: what their logits are multiplied by goes into it. */
const HEAD = ['head.weight', 'head.bias'];

/** What is said of a path that was not trained: nothing is known of its worth. */
const ALONE: Fusion = { linear: 1, deep: 0, gain: 0, error: 0 };

export async function fused(task: TrainingTask): Promise<Trainer> {
  const { shallow = [], folds, validation, model, settings } = task;
  if (shallow.length > 0 && folds !== undefined) return shallowAlone(task, shallow);
  const deep = await gradient(task);
  if (shallow.length === 0) return deep;
  const labels = exampleLabels(validation);
  const { classes } = model;
  let trained: Promise<ShallowPath> | undefined;
  /** Trained when it is first needed: quickly, and again with the same bits where a training goes on. */
  const shallowPath = (): Promise<ShallowPath> => {
    trained ??= trainShallowPath(task, shallow);
    return trained;
  };
  let fusion: Fusion | undefined;
  return {
    ...deep,
    async step(batch, key, optimizer) {
      await shallowPath();
      return deep.step(batch, key, optimizer);
    },
    async validate() {
      const forwarded = await forwardDataset(deep, validation, classes);
      const { logits: deepLogits } = byExample(forwarded, validation, classes);
      const { logits: linear } = await shallowPath();
      if (validation.sets !== undefined) {
        const targets = targetsOfSets(labels, validation.sets);
        const problem = { linear, deep: deepLogits, targets, classes };
        fusion = fitLabelFusion(problem);
        const logits = fusedLabelLogits(problem, [fusion.linear, fusion.deep]);
        return validatedLabels(logits, validation, classes, settings.thresholdFor);
      }
      const problem = { linear, deep: deepLogits, labels, classes };
      fusion = fitFusion(problem);
      const logits = fusedLogits(problem, [fusion.linear, fusion.deep]);
      const score = scoreOf({ logits, losses: crossEntropies(logits, labels, classes) }, labels, classes);
      return { ...score, calibrated: { logits, labels } };
    },
    async model(): Promise<TrainedModel> {
      const own = await deep.model();
      if (fusion === undefined) return own;
      const { trained: path, model: shape } = await shallowPath();
      return {
        encoder: own.encoder,
        parameters: fusion.deep === 0 ? new Map() : scaled(own.parameters, fusion.deep),
        linear: { ...path, parameters: scaled(path.parameters, fusion.linear), model: shape, fusion },
      };
    },
  };
}

/** Of few examples: the shallow path is the model, and no deep one is trained. */
async function shallowAlone(task: TrainingTask, tasks: readonly ShallowPathTask[]): Promise<Trainer> {
  const { trainer, configuration } = await chooseShallowPath(task, tasks);
  return {
    ...trainer,
    async model(): Promise<TrainedModel> {
      const path = await trainer.model();
      const { decision, ...own } = path;
      const linear = { ...own, model: path.model ?? configuration(), fusion: ALONE };
      return { encoder: task.encoder, parameters: new Map(), linear, ...(decision ? { decision } : {}) };
    },
  };
}

/** The parameters of a model whose logits are `factor` times as large. */
function scaled(
  parameters: ReadonlyMap<string, Float32Array>,
  factor: number,
): ReadonlyMap<string, Float32Array> {
  const heads = HEAD.map((name) => [name, parameters.get(name)!.map((value) => factor * value)] as const);
  return new Map([...parameters, ...heads]);
}
