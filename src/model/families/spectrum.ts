/**
 * A kernel machine on the spectrum over time: how near a signal is to each of those it learned from, and a linear layer.
 * k(x, c) = exp(−|x − c|² / 2) is an exponential of a linear layer, since x comes with |x|².
 */
import * as z from 'zod/mini';
import { linearLayer, normal, uniform } from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Family } from './family.js';
import { IGNORED_WHERE_SOLVED } from './shape.js';

/** Up to so many examples all are centres, of more about `SOME_CENTRES`. */
export const MOST_EXACT_CENTRES = 5000;
export const SOME_CENTRES = 2000;

/** As many centres as a machine of so many examples may have. */
const mostCentres = (examples: number, classes: number): number =>
  examples > MOST_EXACT_CENTRES ? SOME_CENTRES + classes : examples;

const schema = z.strictObject({
  model: z.literal('spectrum'),
  sequenceLength: z._default(modelOptions.sequenceLength, 512),
  vocabulary: commonShape.vocabulary,
  classes: commonShape.classes,
  multiLabel: commonShape.multiLabel,
  signal: commonShape.signal,
  dropout: z._default(z.literal(0), 0),
});
export type SpectrumConfiguration = z.infer<typeof schema>;

/** Of a configuration that no training settled: sounds of one channel. */
const TYPICAL = { features: 522, centres: 1000 };

export const spectrumFamily: Family<SpectrumConfiguration> = {
  name: 'spectrum',
  summary:
    'signals: spectrum over time (MFCC) and a kernel machine in closed form, for sounds of which there are few',
  rank: { order: 3.6, baseline: true },
  shape: {
    schema,
    fault: ({ multiLabel }) =>
      multiLabel ? 'spectrum answers one class; rocket and elastic take any number of labels' : undefined,
    /** A signal is one row of features. */
    capacity: () => 2,
  },
  encoder: { kind: 'spectrum' },
  training: {
    method: 'kernel',
    recipe: { learningRate: 1e-3 },
    /** Each example is left out alone: the solution says what it would have got then. */
    foldsFor: (examples, asked) => (asked === 0 ? 0 : examples),
    ignores: IGNORED_WHERE_SOLVED,
  },
  lower(model, { classes, signal }) {
    const { program } = model;
    const { features = TYPICAL.features, centres = TYPICAL.centres } = signal ?? TYPICAL;
    const { y } = program.emit('frames', {}, { width: features, window: features }, 'features');
    const x = program.emit('mean', { x: y }, {}, 'pooled').y;
    const weight = model.parameter('centres.weight', [centres, features], normal, 'F16');
    const bias = model.parameter('centres.bias', [centres], uniform(1));
    const exponents = program.emit('linear', { x, weight, bias }, {}, 'centres').y;
    const kernels = program.emit('exp', { x: exponents }, {}, 'kernels').y;
    return linearLayer(model, 'head', kernels, centres, classes);
  },
  capabilities: {
    anyLength: true,
    signals: {
      recipe: (examples) => ({ epochs: 1, batchSize: examples }),
      centres: mostCentres,
    },
  },
};
