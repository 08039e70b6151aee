/** The model that a comparison recommends, as a run folder of its own. */
import { join } from 'node:path';
import type { Comparison } from '../comparison/compareResults.js';
import type { Trial } from '../comparison/results/schema.js';
import { trialFolder } from '../comparison/schedule.js';
import { RunFolder } from '../formats/runFolder.js';
import { FolderStore } from '../platform/node/folder.js';
import { shellWord, tell } from './output.js';

const NAME = 'best';

const validationOf = ({ epochs, bestEpoch }: Trial): number => epochs[bestEpoch - 1].validation.accuracy;

/**
 * The trial of the winners that did best on validation: the test split has already said which models win, and says no
 * more. Undefined where nothing was learned.
 */
export function bestTrial({ choices }: Comparison): Trial | undefined {
  return choices
    .filter(({ outcome }) => outcome !== 'nothing-learned')
    .flatMap(({ winner }) => winner.trials)
    .sort((a, b) => validationOf(b) - validationOf(a))[0];
}

/** Copies it beside the trials and says how to use it; does nothing where its run is gone. */
export async function keepBest(folder: string, comparison: Comparison): Promise<void> {
  const trial = bestTrial(comparison);
  if (trial === undefined) return;
  const run = new RunFolder(new FolderStore(trialFolder(folder, trial.name)));
  if (!(await run.hasRun())) return;
  const { config, epoch, ...model } = await run.readModel();
  const path = join(folder, NAME);
  const best = new RunFolder(new FolderStore(path));
  await best.save(config, model, { epoch, history: await run.readHistory(), overwrite: true });
  tell(`recommended model: ${trial.name}, in ${path}. Use it:`);
  const signals = model.encoder.inputKind === 'signal';
  tell(`  eft predict ${shellWord(path)} ${signals ? '--data new.wav' : '"some text"'}`);
  tell(`  eft evaluate ${shellWord(path)} --data ${signals ? 'FOLDER' : 'more.csv'}`);
}
