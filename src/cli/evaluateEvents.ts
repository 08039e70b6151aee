/** `eft evaluate` of a model that finds events: on recordings with intervals. */

import type { FoundEvent } from '../data/timedEvent.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { evaluateEvents } from '../evaluation/events.js';
import { RunFolder } from '../formats/runFolder.js';
import { Detector } from '../inference/detection/detector.js';
import { FolderStore } from '../platform/node/folder.js';
import { eventsOfRecordings, recordingFiles } from '../readers/disk/recordings.js';
import { openSound } from '../readers/disk/soundFile.js';
import { percent, plural } from '../report/format.js';
import { tell, writeOut } from './output.js';
import { createProgress } from './progress.js';

export interface EvaluateEventsRequest {
  readonly run: string;
  readonly data: readonly string[];
  readonly events: readonly string[];
  readonly threads?: number | undefined;
  readonly json?: boolean | undefined;
}

export async function evaluateEventsOf({
  run,
  data,
  events,
  threads,
  json,
}: EvaluateEventsRequest): Promise<void> {
  const saved = await new RunFolder(new FolderStore(run)).readModel();
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const detector = new Detector(saved, engine);
    const files = await recordingFiles(data);
    const truth = await eventsOfRecordings(files, events);
    const progress = createProgress({ label: 'evaluating', total: files.length });
    const compared = [];
    const started = performance.now();
    for (const [f, { path, name }] of files.entries()) {
      const sound = await openSound(path);
      try {
        const found: FoundEvent[] = [];
        for await (const event of detector.detectIn(sound.pieces(0), sound.rate)) found.push(event);
        const own = truth.get(name)!.filter(({ label }) => label !== 'background');
        compared.push({ truth: own, found, duration: sound.steps / sound.rate });
      } finally {
        await sound.close();
      }
      progress.update(f + 1);
    }
    progress.stop();
    const result = evaluateEvents(compared, detector.labels);
    const timesRealTime = result.seconds / ((performance.now() - started) / 1000);
    if (json) {
      writeOut(`${JSON.stringify({ ...result, timesRealTime, run, data: data.join(', ') })}\n`);
      return;
    }
    const width = Math.max(...result.perClass.map(({ label }) => label.length), 5);
    writeOut(`${'class'.padEnd(width)}  events   F1  precision  recall  segment F1\n`);
    for (const { label, events: own, eventF1, precision, recall, segmentF1 } of result.perClass) {
      const cells = [
        String(own).padStart(6),
        eventF1.toFixed(3),
        precision.toFixed(3).padStart(9),
        recall.toFixed(3).padStart(6),
        segmentF1.toFixed(3).padStart(10),
      ];
      writeOut(`${label.padEnd(width)}  ${cells.join('  ')}\n`);
    }
    writeOut(
      `event F1 ${percent(result.eventF1)} (onset within 200 ms; with offsets ${percent(result.eventOffsetF1)}), segment F1 ${percent(result.segmentF1)}, error rate ${result.errorRate.toFixed(3)}, ${result.falseAlarmsAnHour.toFixed(1)} false alarms an hour, ${plural(result.events, 'event')} in ${plural(result.recordings, 'recording')}\n`,
    );
    tell(`model: ${run}`);
  } finally {
    await engine.dispose();
  }
}
