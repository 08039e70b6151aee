/** A model that was exported and trained further elsewhere comes back. */
import { InputError } from '../errors.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import { type ModelLocation, storeOf } from '../platform/place.js';
import { foreignWeights } from './foreignWeights.js';
import { RunFolder } from './runFolder.js';
import type { TrainedModel } from './trainedModel.js';

type Weights = Pick<TrainedModel, 'parameters'>;

/** The same model with weights as files keep them. */
function keepable<T extends Weights>(model: ModelConfiguration, trained: T): T {
  const { parameters } = trained;
  const { storage } = familyOf(model).capabilities;
  return storage === undefined || parameters.size === 0
    ? trained
    : { ...trained, parameters: storage.rounded(parameters, model) };
}

/**
 * Makes a run of the folder of an export (`config.json`, `encoder.json`, `model.safetensors`) whose weights another
 * program wrote anew. Throws InputError on weights that are not the model's, by names, shapes or numbers, and where the
 * place has a run already.
 */
export async function importModel(from: ModelLocation, to: ModelLocation): Promise<ModelConfiguration> {
  const source = new RunFolder(storeOf(from));
  const { config, epoch: _, ...trained } = await source.readModel(foreignWeights);
  const { linear } = trained;
  const own = keepable(config.model, trained);
  const model = linear === undefined ? own : { ...own, linear: keepable(linear.model, linear) };
  const folder = new RunFolder(storeOf(to));
  if (await folder.hasRun())
    throw new InputError(`${folder.path} already holds a run: choose another folder`);
  const data = { ...config.data, trainedElsewhere: true };
  // Of no epoch of ours.
  await folder.save({ ...config, data }, model, { epoch: undefined });
  return config.model;
}
