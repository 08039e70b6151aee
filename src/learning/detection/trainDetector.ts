/** Trains a model that finds events: scenes from recordings and clips, steps of AdamW, and what validation chooses. */
import type { Engine } from '../../engine/engine.js';
import { FailureError, InterruptedError } from '../../errors.js';
import { type EventEvaluation, evaluateEvents } from '../../evaluation/events.js';
import { EventTracker } from '../../evaluation/eventTracker.js';
import type { SavedModel } from '../../formats/runFolder.js';
import { RowScorer } from '../../inference/detection/blockScores.js';
import { Detection, timedEvents } from '../../inference/detection/detection.js';
import { type BandEncoder, BandLearner } from '../../input/bands.js';
import { configureModel, type ModelConfiguration } from '../../model/configuration.js';
import { BACKGROUND } from '../../model/eventDecision.js';
import { lowerFrameTraining } from '../../model/lowering.js';
import { initialise } from '../../model/parameters.js';
import { configureTraining, type TrainingSettings } from '../../model/trainingSettings.js';
import { RandomStream } from '../../random.js';
import { learningRateAt } from '../schedule.js';
import { chooseDecision, type ScoredRecording } from './decide.js';
import type { Clip, MarkedRecording } from './recordings.js';
import { sceneBatch } from './sceneBatch.js';
import { ClipScenes, MixedScenes, RecordingScenes, type SceneSource } from './scenes.js';

/** Rows of a scene: a little over three seconds. */
const SCENE_ROWS = 160;
/** Steps that are called an epoch, of which nobody can say when all was seen once. */
export const STEPS_AN_EPOCH = 100;
/** Recordings of so many and more are held out whole; of fewer, the last part of each is. */
const WHOLE_RECORDINGS = 5;
const HELD_OUT = 0.15;
/** Made-up recordings from clips that are held out, and their seconds. */
const MADE = 6;
const MADE_SECONDS = 60;

/** What suits recordings: docs/research.md says what was tried. */
const SHAPE = {
  channels: 128,
  blocks: 3,
  taps: 5,
  scales: 3,
  longKernel: 'fine',
  bank: 0,
  cosineModes: 0,
  dropout: 0.05,
  wordDropout: 0,
} as const;
const WINDOW_ROWS = 9;
const RECIPE = { learningRate: 4e-3, epochs: 40, batchSize: 8, beta2: 0.98 };

export interface DetectorData {
  readonly name: string;
  /** Of events, without the background. */
  readonly labels: readonly string[];
  readonly rate: number;
  readonly recordings: readonly MarkedRecording[];
  readonly clips: readonly Clip[];
}

export interface DetectorStep {
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
}

export interface DetectorTraining {
  readonly model: SavedModel;
  /** Of the recordings, or made-up ones, that were held out, by thresholds that were chosen on them. */
  readonly validation: EventEvaluation;
  /** Seconds. */
  readonly seconds: number;
}

interface Parts {
  readonly source: SceneSource;
  readonly validation: readonly MarkedRecording[];
  readonly learned: { readonly recordings: readonly MarkedRecording[]; readonly clips: readonly Clip[] };
}

/** The last part of a recording, or all before it; events belong to the part that they begin in. */
function partOf(recording: MarkedRecording, from: number, to: number): MarkedRecording {
  return {
    name: recording.name,
    values: recording.values.subarray(from, to),
    events: recording.events
      .filter((event) => event.from >= from && event.from < to)
      .map((event) => ({ class: event.class, from: event.from - from, to: Math.min(event.to, to) - from })),
  };
}

function partsOf({ recordings, clips, rate }: DetectorData, seed: number): Parts {
  const random = new RandomStream(seed, 'order', 0, 1);
  const validation: MarkedRecording[] = [];
  let own: MarkedRecording[] = [];
  if (recordings.length >= WHOLE_RECORDINGS) {
    const order = random.permutation(recordings.length);
    const held = new Set(order.subarray(0, Math.max(1, Math.round(HELD_OUT * recordings.length))));
    recordings.forEach((recording, i) => void (held.has(i) ? validation : own).push(recording));
  } else {
    for (const recording of recordings) {
      const cut = Math.floor((1 - HELD_OUT) * recording.values.length);
      validation.push(partOf(recording, cut, recording.values.length));
      own.push(partOf(recording, 0, cut));
    }
  }
  own = own.filter(({ values }) => values.length > 0);
  const learnedClips: Clip[] = [];
  const heldClips: Clip[] = [];
  const seen = new Map<number, number>();
  for (const i of random.permutation(clips.length)) {
    const count = seen.get(clips[i].class) ?? 0;
    seen.set(clips[i].class, count + 1);
    // Of each class the first, and then every seventh.
    (count % Math.round(1 / HELD_OUT) === 1 ? heldClips : learnedClips).push(clips[i]);
  }
  if (recordings.length === 0) {
    const scenes = new ClipScenes(heldClips.some((clip) => clip.class > 0) ? heldClips : clips, rate);
    for (let m = 0; m < MADE; m++) {
      const { values, events } = scenes.scene(new RandomStream(seed, 'synthesis', m, 7), MADE_SECONDS * rate);
      const inside = events.map((event) => ({
        ...event,
        from: Math.max(0, event.from),
        to: Math.min(values.length, event.to),
      }));
      validation.push({ name: `made ${m}`, values, events: inside.filter(({ from, to }) => to > from) });
    }
  }
  const sources = [
    ...(own.length > 0 ? [new RecordingScenes(own)] : []),
    ...(learnedClips.length > 0 ? [new ClipScenes(learnedClips, rate)] : []),
  ];
  return { source: new MixedScenes(sources), validation, learned: { recordings: own, clips: learnedClips } };
}

/** Seconds of sound that the bands' means and deviations are learned from. */
const ENOUGH_SECONDS = 600;

function learnBands(source: SceneSource, rate: number, seed: number): BandEncoder {
  const learner = new BandLearner(rate);
  const scene = 10;
  for (let i = 0; i < ENOUGH_SECONDS / scene; i++) {
    learner.add(source.scene(new RandomStream(seed, 'synthesis', i, 3), scene * rate).values);
  }
  return learner.encoder();
}

/** The durations of each class's training events, seconds. */
function durationsOf({ recordings, clips }: Parts['learned'], classes: number, rate: number): number[][] {
  const durations: number[][] = Array.from({ length: classes }, () => []);
  for (const { events } of recordings) {
    for (const event of events) durations[event.class].push((event.to - event.from) / rate);
  }
  for (const clip of clips) durations[clip.class].push(clip.values.length / rate);
  return durations;
}

export interface DetectorOptions extends Readonly<Record<string, unknown>> {
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: DetectorStep) => void) | undefined;
}

/** The shape options that may be given; others of the family mean nothing here. */
const GIVEN = ['channels', 'blocks', 'taps', 'scales', 'dropout'];

function modelFor(encoder: BandEncoder, classes: number, options: DetectorOptions): ModelConfiguration {
  const { patch, bands } = encoder;
  const given = Object.fromEntries(
    GIVEN.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  );
  return configureModel({
    model: 'elastic',
    ...SHAPE,
    ...given,
    classes,
    vocabulary: encoder.vocabulary,
    signal: { channels: 1, patch, window: WINDOW_ROWS * patch, filters: 0, bands },
    sequenceLength: SCENE_ROWS * patch,
  });
}

/**
 * Throws InputError on data that cannot be learned from, FailureError (code `diverged`) where the loss is no number,
 * InterruptedError when the signal is raised.
 */
export async function trainDetector(
  engine: Engine,
  data: DetectorData,
  options: DetectorOptions,
): Promise<DetectorTraining> {
  const started = performance.now();
  const settings: TrainingSettings = configureTraining({ ...RECIPE, ...given(options) }, RECIPE);
  const classes = [BACKGROUND, ...data.labels];
  const { source, validation, learned } = partsOf(data, settings.seed);
  const encoder = learnBands(source, data.rate, settings.seed);
  const model = modelFor(encoder, classes.length, options);
  const parameters = await learn(engine, model, encoder, source, settings, options);
  const scored = await scoresOf(engine, model, parameters, encoder, classes, validation);
  const rate = encoder.rate / encoder.patch;
  const durations = durationsOf(learned, classes.length, data.rate);
  const events = chooseDecision(scored, classes, durations, rate);
  const reading = { long: 'head', mono: true } as const;
  const examples = learned.recordings.reduce((sum, one) => sum + one.events.length, 0) + learned.clips.length;
  const record = {
    name: data.name,
    examples,
    validationExamples: validation.reduce((sum, one) => sum + one.events.length, 0),
  };
  const config = {
    model,
    classes,
    training: settings,
    arithmetic: engine.arithmetic,
    reading,
    events,
    data: record,
  };
  const saved: SavedModel = { config, encoder, parameters, epoch: settings.epochs };
  const compared = validation.map(({ values }, i) => {
    const tracker = new EventTracker(events, rate);
    const found = [...tracker.push(scored[i].scores), ...tracker.finish()];
    return {
      truth: scored[i].truth,
      found: timedEvents(found, { classes, encoder }, values.length),
      duration: values.length / data.rate,
    };
  });
  return {
    model: saved,
    validation: evaluateEvents(compared, data.labels),
    seconds: (performance.now() - started) / 1000,
  };
}

const given = (options: DetectorOptions): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

async function learn(
  engine: Engine,
  model: ModelConfiguration,
  encoder: BandEncoder,
  source: SceneSource,
  settings: TrainingSettings,
  { signal, onStep }: DetectorOptions,
): Promise<Map<string, Float32Array>> {
  const { batchSize: count, seed, beta1, beta2, epsilon, weightDecay, clipNorm } = settings;
  const session = await engine.createTraining(lowerFrameTraining(model), { maxBatch: count });
  try {
    const fresh = initialise(model, seed);
    for (const [name, values] of fresh) await session.setParameter(name, values);
    const totalSteps = settings.epochs * STEPS_AN_EPOCH;
    for (let step = 0; step < totalSteps; step++) {
      if (signal?.aborted)
        throw new InterruptedError(`stopped after step ${step} of ${totalSteps}; nothing was kept`);
      const key = { seed, step };
      const batch = sceneBatch(source, encoder, { classes: model.classes, rows: SCENE_ROWS, count }, key);
      const learningRate = learningRateAt(settings, step, totalSteps);
      const { loss, gradientNorm } = await session.step(batch, key, {
        ...{ learningRate, beta1, beta2, epsilon, weightDecay, clipNorm },
      });
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new FailureError(
          `training diverged at step ${step + 1}: its loss is ${loss}. Try a lower learning rate (--learning-rate)`,
          'diverged',
        );
      }
      onStep?.({ step: step + 1, totalSteps, loss });
    }
    const parameters = new Map<string, Float32Array>();
    for (const name of fresh.keys()) parameters.set(name, Float32Array.from(await session.parameter(name)));
    return parameters;
  } finally {
    await session.dispose();
  }
}

async function scoresOf(
  engine: Engine,
  model: ModelConfiguration,
  parameters: ReadonlyMap<string, Float32Array>,
  encoder: BandEncoder,
  classes: readonly string[],
  recordings: readonly MarkedRecording[],
): Promise<ScoredRecording[]> {
  const scorer = await RowScorer.open(engine, model, parameters, 1024);
  const undecided = {
    smoothing: 1,
    classes: classes.map(() => ({ threshold: 1, low: 1, least: 0, gap: 0 })),
  };
  try {
    const scored: ScoredRecording[] = [];
    for (const { values, events } of recordings) {
      const parts: Float64Array[] = [];
      const detection = new Detection(
        { classes, encoder, decision: undecided },
        scorer,
        (scores) => void parts.push(scores),
      );
      await detection.push(values);
      await detection.finish();
      const scores = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        scores.set(part, at);
        at += part.length;
      }
      const { rate } = encoder;
      const truth = events.map(({ class: c, from, to }) => ({
        onset: from / rate,
        offset: to / rate,
        label: classes[c],
      }));
      scored.push({ scores, truth });
    }
    return scored;
  } finally {
    await scorer.dispose();
  }
}
