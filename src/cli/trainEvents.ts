/** `eft train --events …`, `eft train --task detect`: a model that finds events, into a run folder. */
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import { RunFolder } from '../formats/runFolder.js';
import type { DetectorOptions } from '../learning/detection/trainDetector.js';
import { trainDetector } from '../learning/detection/trainDetector.js';
import { requireNoRun } from '../learning/run.js';
import { countParameters } from '../model/parameters.js';
import { FolderStore } from '../platform/node/folder.js';
import { count, percent } from '../report/format.js';
import { type EventSources, eventData } from './eventData.js';
import { interruptSignal, tell, writeOut } from './output.js';
import { createProgress } from './progress.js';

export interface TrainEventsRequest extends EventSources {
  readonly out: string;
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
  readonly json?: boolean | undefined;
  readonly settings: DetectorOptions;
}

export async function trainEvents(request: TrainEventsRequest): Promise<void> {
  const { out, model = 'elastic', threads, json } = request;
  if (model !== 'elastic' && model !== 'auto') {
    throw new InputError(
      `${model} gives one answer for all of an input; events are found by --model elastic`,
    );
  }
  const folder = new RunFolder(new FolderStore(out));
  await folder.requireMakeable();
  await requireNoRun(folder);
  const data = await eventData(request);
  const seconds = data.recordings.reduce((sum, { values }) => sum + values.length / data.rate, 0);
  const events = data.recordings.reduce((sum, one) => sum + one.events.length, 0);
  const background = data.clips.filter((clip) => clip.class === 0).length;
  const parts = [
    ...(data.recordings.length > 0
      ? [
          `${count(events)} events in ${count(data.recordings.length)} recordings of ${(seconds / 60).toFixed(1)} min`,
        ]
      : []),
    ...(data.clips.length > 0 ? [`${count(data.clips.length - background)} clips`] : []),
    ...(background > 0 ? [`${count(background)} backgrounds`] : []),
  ];
  tell(`${parts.join(', ')}; ${count(data.labels.length)} classes, ${count(data.rate)} samples a second`);
  if (data.recordings.length === 0 && background === 0) {
    tell(
      "tip: clips of other sounds in a folder called 'background' lower false alarms; without one, noise and hum are made up",
    );
  }
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  const progress = createProgress({ label: 'training', total: 1 });
  let bar: ReturnType<typeof createProgress> | undefined;
  let sum = 0;
  try {
    const trained = await trainDetector(engine, data, {
      ...request.settings,
      signal: interruptSignal(),
      onStep({ step, totalSteps, loss }) {
        bar ??= createProgress({ label: 'training', total: totalSteps });
        sum = step === 1 ? loss : 0.98 * sum + 0.02 * loss;
        bar.update(step, `loss ${sum.toFixed(3)}`);
        if (step % Math.ceil(totalSteps / 10) === 0)
          tell(`step ${step} of ${totalSteps}: loss ${sum.toFixed(3)}`);
      },
    }).finally(() => {
      progress.stop();
      bar?.stop();
    });
    const { model: saved, validation } = trained;
    await folder.save(saved.config, saved, { epoch: saved.epoch });
    tell(
      `${count(countParameters(saved.config.model))} parameters; on what was held out, by thresholds chosen there: event F1 ${percent(validation.eventF1)} (onset within 200 ms), segment F1 ${percent(validation.segmentF1)}, error rate ${validation.errorRate.toFixed(3)}; saved in ${out}`,
    );
    if (json)
      writeOut(
        `${JSON.stringify({ model: 'elastic', classes: data.labels, validated: validation, seconds: trained.seconds, out })}\n`,
      );
  } finally {
    await engine.dispose();
  }
}
