// Written by scripts/option-types.js from the schemas: change those, build, and run it again.
/**
 * Settings of a model and of its training. A model refuses those that it has not; where one is not given, its
 * default holds, which may be that of its family.
 */
export interface TrainingOptions {
  /**
   * elastic-fourier (the paper's model: a spectral mixer instead of attention; its filters grow with the
   * length); standard (a transformer with multi-head attention); bag (fastText's model: the mean of word (and
   * hashed n-gram) embeddings, no order); elastic (a linear path, and beside it filters over words and long
   * convolutions from few numbers where they help; one model for any length); linear (n-grams with naive
   * Bayes scaled logistic regression, the strongest linear baseline; says why); rocket (signals: random
   * convolutions (MiniRocket and Hydra) and ridge regression, the strongest quick baseline); spectrum
   * (signals: spectrum over time (MFCC) and a kernel machine in closed form, for sounds of which there are
   * few); auto (the best of two by cross-validation: rocket or elastic of signals, linear or elastic of
   * texts).
   *
   * Default: elastic-fourier.
   */
  readonly model?:
    | 'elastic-fourier'
    | 'standard'
    | 'bag'
    | 'elastic'
    | 'linear'
    | 'rocket'
    | 'spectrum'
    | 'auto'
    | undefined;
  /**
   * What a token is.
   *
   * Default: words.
   */
  readonly tokenizer?: 'words' | 'bytes' | undefined;
  /**
   * What is read of texts that are longer: head, tail, head-tail (half of each), or all in windows whose
   * scores are averaged.
   *
   * Default: head.
   */
  readonly long?: 'head' | 'tail' | 'head-tail' | 'windows' | undefined;
  /**
   * Signals: steps of a frame, which is to a signal what a token is to a text.
   *
   * Whole number, 1 to 65536. Default: by their length.
   */
  readonly patch?: number | undefined;
  /**
   * Signals: steps that a frame looks at, at least its patch.
   *
   * Whole number, 1 to 65536. Default: four patches, or the patch of one step.
   */
  readonly window?: number | undefined;
  /**
   * Signals: pairs of learned filters whose magnitude a model takes; 0 = the numbers as they are.
   *
   * Whole number, 0 to 4096. Default: 64 for windows of 32 steps and more.
   */
  readonly filters?: number | undefined;
  /**
   * Tokens a model takes; longer texts are cut.
   *
   * Whole number, 2 to 16777216. Default: 512, elastic 1024, linear 16384.
   */
  readonly sequenceLength?: number | undefined;
  /**
   * Width of the model.
   *
   * Whole number, 1 to 4096. Default: elastic-fourier 32, standard 32, bag 32, elastic 64.
   */
  readonly channels?: number | undefined;
  /**
   * Width of the feed-forward layers.
   *
   * Whole number, 1 to 65536. Default: elastic-fourier 128, standard 128.
   */
  readonly hidden?: number | undefined;
  /**
   * Number of blocks.
   *
   * Whole number, 0 to 256. Default: elastic-fourier 8, standard 8, elastic 0.
   */
  readonly blocks?: number | undefined;
  /**
   * Parameters per scale of a long kernel: broad 16, fine 4 and one for the token itself.
   *
   * Default: elastic fine.
   */
  readonly longKernel?: 'broad' | 'fine' | undefined;
  /**
   * Scales of a long kernel, each twice as wide as the one before; 0 = no long kernel.
   *
   * Whole number, 0 to 24. Default: elastic 7.
   */
  readonly scales?: number | undefined;
  /**
   * Taps of a short kernel, odd; 0 = no short kernel.
   *
   * Whole number, 0 to 31. Default: elastic 5.
   */
  readonly taps?: number | undefined;
  /**
   * Filters over a few rows; of each the largest answer counts. 0 = the largest numbers of the rows.
   *
   * Whole number, 0 to 65536. Default: elastic 256.
   */
  readonly bank?: number | undefined;
  /**
   * Cosine modes of the position that pooling keeps besides; 1 = the mean alone, 0 = none.
   *
   * Whole number, 0 to 64. Default: elastic 0.
   */
  readonly cosineModes?: number | undefined;
  /**
   * Heads of attention; must divide the channels.
   *
   * Whole number, 1 to 256. Default: standard 4.
   */
  readonly heads?: number | undefined;
  /**
   * Most frequent words that have an id.
   *
   * Whole number, 2 to 100000000. Default: elastic-fourier 10000, standard 10000, bag 10000, elastic 12000.
   */
  readonly vocabulary?: number | undefined;
  /**
   * Longest n-gram.
   *
   * Whole number, 1 to 8. Default: bag 1, linear 3.
   */
  readonly ngrams?: number | undefined;
  /**
   * Rows for hashed n-grams.
   *
   * Whole number, 0 to 100000000. Default: bag 0.
   */
  readonly buckets?: number | undefined;
  /**
   * How n-grams of words or bytes count: presence, tf-idf (of words without signs), tf-idf-signs, or chosen
   * by cross-validation.
   *
   * Default: linear presence.
   */
  readonly weighting?: 'presence' | 'tf-idf' | 'tf-idf-signs' | 'chosen' | undefined;
  /**
   * What n-grams are of, several with commas between: words, bytes, chars, positions.
   *
   * Default: words, and of few texts what cross-validation chooses.
   */
  readonly features?: string | undefined;
  /**
   * N-grams that are kept after training, those that matter most; fewer by default where classes are many.
   *
   * Whole number, 2 to 100000000. Default: linear 300000.
   */
  readonly maxFeatures?: number | undefined;
  /**
   * Dropout rate.
   *
   * Number, 0 to 0.95. Default: elastic-fourier 0.2, standard 0.2, bag 0, elastic 0.5, linear 0.5.
   */
  readonly dropout?: number | undefined;
  /**
   * Share of the words that training replaces by the unknown one.
   *
   * Number, 0 to 0.95. Default: elastic-fourier 0.3, standard 0.3, elastic 0.2.
   */
  readonly wordDropout?: number | undefined;
  /**
   * Without the linear path: the deep path alone.
   *
   * Default: elastic false.
   */
  readonly deepOnly?: boolean | undefined;
  /**
   * Label smoothing.
   *
   * Number, 0 to 0.95. Default: 0.
   */
  readonly labelSmoothing?: number | undefined;
  /**
   * Passes over the data.
   *
   * Whole number, 1 to 100000. Default: elastic-fourier 4, standard 4, bag 5, elastic 5, linear 5.
   */
  readonly epochs?: number | undefined;
  /**
   * Sequences a step.
   *
   * Whole number, 1 to 65536. Default: elastic-fourier 32, standard 32, bag 32, elastic 64, linear 64.
   */
  readonly batchSize?: number | undefined;
  /**
   * Decides initial weights, order and dropout.
   *
   * Whole number, 0 to 2147483647. Default: 0.
   */
  readonly seed?: number | undefined;
  /**
   * Peak of the schedule.
   *
   * Number, above 0, at most 10. Default: 0.003, bag 0.01.
   */
  readonly learningRate?: number | undefined;
  /**
   * AdamW weight decay.
   *
   * Number, 0 to 1. Default: 0.01.
   */
  readonly weightDecay?: number | undefined;
  /**
   * AdamW: decay of the running mean of gradients.
   *
   * Number, at least 0, below 1. Default: 0.9.
   */
  readonly beta1?: number | undefined;
  /**
   * AdamW: decay of the running mean of their squares.
   *
   * Number, at least 0, below 1. Default: 0.999, elastic 0.98, linear 0.98.
   */
  readonly beta2?: number | undefined;
  /**
   * AdamW: added to the root of those squares.
   *
   * Number, above 0. Default: 1e-8.
   */
  readonly epsilon?: number | undefined;
  /**
   * Largest global norm of the gradient; 0 = off.
   *
   * Number, 0 to 1000000000. Default: 1.
   */
  readonly clipNorm?: number | undefined;
  /**
   * Share of all steps in which the learning rate rises.
   *
   * Number, 0 to 1. Default: 0.1, linear 0.
   */
  readonly warmupShare?: number | undefined;
  /**
   * How examples count in training: none, all alike; balanced, those of rare classes more, so that classes
   * count alike.
   *
   * Default: none.
   */
  readonly classWeights?: 'none' | 'balanced' | undefined;
  /**
   * What makes an epoch the best on validation: accuracy, macro-f1 (classes count alike; the default with
   * balanced class weights) or loss.
   *
   * Default: accuracy, elastic loss.
   */
  readonly select?: 'accuracy' | 'macro-f1' | 'loss' | undefined;
  /**
   * Signals: largest shift in time in training, as a share of the length; 0.1 for sounds.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeShift?: number | undefined;
  /**
   * Signals: largest stretch or squeeze in time in training, as a share; 0.1 for sounds.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeStretch?: number | undefined;
  /**
   * Signals: longest part that is masked in training, as a share of the length.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeMask?: number | undefined;
  /**
   * Signals: most that is cut off the ends in training, as a share of the length.
   *
   * Number, 0 to 0.95. Default: 0.
   */
  readonly timeCrop?: number | undefined;
  /**
   * Signals: training mixes two to one of both classes, with shares from Beta(a, a); 0.2 is usual, 0 = off.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly mixup?: number | undefined;
  /**
   * Signals: largest change of loudness in training, by a factor up to e^g (0.7 halves or doubles); 0.5 for
   * sounds.
   *
   * Number, 0 to 5. Default: 0.
   */
  readonly gain?: number | undefined;
  /**
   * Few examples, models that need no gradients: nothing is held out, cross-validation in k folds judges; 0 =
   * a tenth is held out.
   *
   * Whole number, 0 to 1000000. Default: by the number of examples; 0 where there are many.
   */
  readonly folds?: number | undefined;
  /**
   * Stop after e epochs without a better one; 0 = never.
   *
   * Whole number, at least 0. Default: 0.
   */
  readonly patience?: number | undefined;
}
