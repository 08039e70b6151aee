/**
 * The strongest linear model we know: n-grams scaled by naive Bayes log-count ratios (Wang & Manning 2012), logistic
 * regression with feature dropout; pruned and rounded to bytes after training.
 */
import * as z from 'zod/mini';
import type { EncoderOptions, NgramUnit, Unit } from '../../input/encoder.js';
import { constant, linearLayer } from '../layers.js';
import { commonShape, type LinearWeighting, modelOptions } from '../options.js';
import type { Family } from './family.js';
import { epochsFor, textFolds } from './shape.js';

/** Beyond what a text has: whole texts are read. */
const DEFAULT_LENGTH = 16_384;

/** What the file of a model may take, and where more features add nothing. */
const FILE_BYTES = 2_900_000;
/** Rare labels need rare features. */
const MULTI_LABEL_BYTES = 9_500_000;
const MOST_FEATURES = 300_000;
/** Of very many classes the file may be larger. */
const LEAST_FEATURES = 20_000;

/** Weights that a training works on. */
const TRAINED_WEIGHTS = 40_000_000;

const schema = z.strictObject({
  model: z.literal('linear'),
  sequenceLength: z._default(modelOptions.sequenceLength, DEFAULT_LENGTH),
  /** N-grams that have an id: `maxFeatures`, or all of little data. */
  vocabulary: z._default(modelOptions.vocabulary, MOST_FEATURES),
  classes: commonShape.classes,
  multiLabel: commonShape.multiLabel,
  ngrams: z._default(modelOptions.ngrams, 3),
  weighting: z._default(modelOptions.weighting, 'presence'),
  /** Absent: of words, or of bytes; where the weighting is chosen, all kinds are tried. */
  features: z.optional(modelOptions.features),
  maxFeatures: z._default(modelOptions.maxFeatures, MOST_FEATURES),
  /** Of features, in training. */
  dropout: z._default(modelOptions.dropout, 0.5),
});
export type LinearConfiguration = z.infer<typeof schema>;

/** Each takes the time of a training. */
const MULTI_LABEL_FOLDS = 3;

/** Longest n-grams of bytes. */
const BYTE_NGRAMS = 7;

/** Of a byte. */
const MOST_LEVEL = 127;

/** With two classes one is the other's opposite. */
const columnsOf = ({ classes, multiLabel }: Pick<LinearConfiguration, 'classes' | 'multiLabel'>): number =>
  classes === 2 && !multiLabel ? 1 : classes;

/** As many as fit the file: a hash of 4 bytes, a byte a column, and with tf-idf one for the idf. */
function fittingFeatures(
  model: Pick<LinearConfiguration, 'classes' | 'multiLabel'>,
  weighting: LinearWeighting,
): number {
  const bytes = 4 + columnsOf(model) + (weighting === 'presence' ? 0 : 1);
  const file = model.multiLabel ? MULTI_LABEL_BYTES : FILE_BYTES;
  return Math.min(MOST_FEATURES, Math.max(LEAST_FEATURES, Math.floor(file / bytes)));
}

/** Longest n-grams of words. */
const WORD_NGRAMS: Readonly<Record<LinearWeighting, number>> = {
  presence: 3,
  'tf-idf': 1,
  'tf-idf-signs': 2,
  chosen: 3,
};

const WEIGHTS = {
  presence: { weighting: 'presence' },
  'tf-idf': { weighting: 'tf-idf' },
  'tf-idf-signs': { weighting: 'tf-idf', signs: true },
  chosen: { weighting: 'presence' },
} as const satisfies Readonly<Record<LinearWeighting, EncoderOptions>>;

/** Whether its features are joined of several kinds. */
const isJoined = ({ weighting, features, multiLabel }: LinearConfiguration): boolean =>
  weighting === 'chosen' || features !== undefined || multiLabel === true;

/**
 * Of one text alone an n-gram says nothing of others; and left out in turn, a text would seem to know n-grams that it
 * alone has, as no new text does: what it gets then would be less certain than what new ones get.
 */
export const leastTexts = (unit: NgramUnit): number => (unit === 'positions' ? 1 : 2);

/** All kinds of features that are asked for, or may be chosen; where nothing is chosen, one of each. */
function viewsOf(
  { weighting, features, ngrams, multiLabel }: LinearConfiguration,
  unit: Unit,
): EncoderOptions[] {
  const usual: readonly NgramUnit[] = multiLabel
    ? unit === 'words'
      ? ['words', 'title']
      : [unit]
    : unit === 'bytes'
      ? ['bytes', 'positions']
      : ['words', 'chars', 'positions'];
  const units = features === undefined ? usual : (features.split(',') as NgramUnit[]);
  return units.flatMap((one): EncoderOptions[] => {
    if (one === 'chars')
      return [{ unit: one, ngrams: 5, orders: [2, 3, 4, 5], weighting: 'tf-idf', least: leastTexts(one) }];
    if (one === 'positions') return [{ unit: one, ngrams: 3, weighting: 'presence', least: leastTexts(one) }];
    const longest = unit === one ? ngrams : one === 'bytes' ? BYTE_NGRAMS : WORD_NGRAMS[weighting];
    const presence = { unit: one, ngrams: longest, weighting: 'presence', least: leastTexts(one) } as const;
    const few = one === 'bytes' ? longest : Math.min(longest, WORD_NGRAMS['tf-idf-signs']);
    const tfIdf = {
      unit: one,
      ngrams: few,
      weighting: 'tf-idf',
      signs: true,
      least: leastTexts(one),
    } as const;
    if (weighting === 'chosen') return [tfIdf, presence];
    return [{ ...presence, ...(weighting === 'presence' ? {} : tfIdf), ...WEIGHTS[weighting] }];
  });
}

export const linearFamily: Family<LinearConfiguration> = {
  name: 'linear',
  summary: 'n-grams with naive Bayes scaled logistic regression, the strongest linear baseline; says why',
  rank: { order: 3, baseline: true },
  shape: {
    schema,
    // On reviews, presence of up to 3 words is best by 1 to 2 points; on posts of 20 kinds tf-idf, by 1.5. There pairs of
    // words are better by half a point, but not those of them that 3 MB hold.
    complete(options, tokens) {
      const { classes = 2, multiLabel, maxFeatures, vocabulary } = options as Partial<LinearConfiguration>;
      const usualWeighting = multiLabel ? 'tf-idf-signs' : classes === 2 ? 'presence' : 'tf-idf';
      const { weighting = usualWeighting } = options as Partial<LinearConfiguration>;
      const usual = tokens === 'bytes' ? BYTE_NGRAMS : WORD_NGRAMS[weighting];
      const { ngrams = usual } = options as Partial<LinearConfiguration>;
      const most = maxFeatures ?? fittingFeatures({ classes, multiLabel }, weighting);
      return { weighting, ngrams, maxFeatures: most, vocabulary: Math.min(most, vocabulary ?? most) };
    },
    capacity: (configuration) => {
      const { sequenceLength, ngrams, vocabulary } = configuration;
      return Math.max(
        2,
        isJoined(configuration) ? vocabulary : Math.min(sequenceLength * ngrams, vocabulary),
      );
    },
  },
  encoder: {
    kind: 'ngrams',
    options(configuration, unit = 'words') {
      const { ngrams, weighting } = configuration;
      const vocabulary = Math.floor(TRAINED_WEIGHTS / columnsOf(configuration));
      if (isJoined(configuration)) return { vocabulary, views: viewsOf(configuration, unit) };
      return { vocabulary, ngrams, ...WEIGHTS[weighting] };
    },
  },
  training: {
    method: 'linear',
    recipe: { learningRate: 3e-3, epochs: 5, batchSize: 64, beta2: 0.98, warmupShare: 0 },
    /** Fewer than 700 steps learn too little. */
    recipeFor(examples) {
      const batchSize = Math.max(4, Math.min(64, Math.round(examples / 140)));
      return { batchSize, epochs: epochsFor(examples, { steps: 700, batchSize, least: 5, most: 50 }) };
    },
    foldsFor: (examples, asked, { steps, multiLabel }) =>
      asked ??
      (multiLabel ? Math.max(MULTI_LABEL_FOLDS, textFolds(examples)) : steps ? 0 : textFolds(examples)),
    ignores: ['vocabulary', 'weightDecay', 'clipNorm'],
  },
  lower(model, { vocabulary, classes, multiLabel }) {
    const columns = columnsOf({ classes, multiLabel });
    const token = model.parameter('evidence.weight', [vocabulary + 1, columns], constant(0), 'I8');
    const x = model.program.emit('embedding', { token }, {}, 'evidence').y;
    const sum = model.program.emit('weightedSum', { x }, {}, 'sum').y;
    // Scales, and from one column to two classes.
    return linearLayer(model, 'head', sum, columns, classes);
  },
  capabilities: {
    anyLength: true,
    evidence: {
      of(parameters, { classes, multiLabel }, id) {
        const columns = columnsOf({ classes, multiLabel });
        const row = parameters.get('evidence.weight')!.subarray(id * columns, (id + 1) * columns);
        const head = parameters.get('head.weight')!;
        return Float64Array.from({ length: classes }, (_, c) =>
          row.reduce((sum, value, k) => sum + value * head[c * columns + k], 0),
        );
      },
    },
    storage: {
      /** Levels from −127 to 127 in each column; what a level is worth goes into the head. */
      rounded(parameters, configuration) {
        const columns = columnsOf(configuration);
        const table = parameters.get('evidence.weight')!;
        if (table.every((value) => Number.isInteger(value) && Math.abs(value) <= MOST_LEVEL))
          return parameters;
        const steps = new Float64Array(columns);
        table.forEach((value, i) => {
          steps[i % columns] = Math.max(steps[i % columns], Math.abs(value) / MOST_LEVEL);
        });
        const levels = table.map((value, i) => (value === 0 ? 0 : Math.round(value / steps[i % columns])));
        const head = parameters.get('head.weight')!.map((value, i) => value * steps[i % columns]);
        return new Map([...parameters, ['evidence.weight', levels], ['head.weight', head]]);
      },
    },
  },
};
