// Written by scripts/option-types.js from the schemas: change those, build, and run it again.
/**
 * Settings of a model and of its training. A model refuses those that it has not; where one is not given, its
 * default holds, which may be that of its family.
 */
export interface TrainingOptions {
  /**
   * Which kind of model to train; elastic-fourier (the paper's model: a spectral mixer instead of attention;
   * its filters grow with the length); standard (a transformer with multi-head attention); bag (fastText's
   * model: the mean of word (and hashed n-gram) embeddings, no order); elastic (a linear path, and beside it
   * filters over words and long convolutions from few numbers where they help; one model for any length);
   * linear (n-grams with naive Bayes scaled logistic regression, the strongest linear baseline; says why);
   * rocket (signals: random convolutions (MiniRocket and Hydra) and ridge regression, the strongest quick
   * baseline); spectrum (signals: spectrum over time (MFCC) and a kernel machine in closed form, for sounds
   * of which there are few); auto (the best of two by cross-validation: rocket or elastic for signals, linear
   * or elastic for texts).
   *
   * Default: elastic.
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
   * What a token is: words, or bytes.
   *
   * Default: words.
   */
  readonly tokenizer?: 'words' | 'bytes' | undefined;
  /**
   * What is read of longer texts: head, tail, head-tail or windows; head-tail is half of each; windows is all
   * of it, in windows whose scores are averaged.
   *
   * Default: head.
   */
  readonly long?: 'head' | 'tail' | 'head-tail' | 'windows' | undefined;
  /**
   * Steps of a frame, which is to a signal what a token is to a text.
   *
   * Whole number, 1 to 65536. Default: by their length.
   */
  readonly patch?: number | undefined;
  /**
   * Steps that a frame looks at, at least its patch.
   *
   * Whole number, 1 to 65536. Default: four patches, or the patch of one step.
   */
  readonly window?: number | undefined;
  /**
   * What frames hold: learned (samples through learned filters) or mel (40 mel bands of sounds); mel bands
   * are of 25 ms every 10 ms.
   *
   * Default: none.
   */
  readonly frontend?: 'learned' | 'mel' | undefined;
  /**
   * Pairs of learned filters whose magnitude the model takes; 0: the numbers as they are.
   *
   * Whole number, 0 to 4096. Default: 64 for windows of 32 steps and more.
   */
  readonly filters?: number | undefined;
  /**
   * Tokens to read of a text.
   *
   * Whole number, 2 to 16777216. Default: 512; elastic: 1024; linear: 16,384.
   */
  readonly sequenceLength?: number | undefined;
  /**
   * Width of the model.
   *
   * Whole number, 1 to 4096. Default: elastic-fourier, standard, bag: 32; elastic: 64.
   */
  readonly channels?: number | undefined;
  /**
   * Width of the feed-forward layers.
   *
   * Whole number, 1 to 65536. Default: elastic-fourier, standard: 128.
   */
  readonly hidden?: number | undefined;
  /**
   * Number of blocks.
   *
   * Whole number, 0 to 256. Default: elastic-fourier, standard: 8; elastic: 0.
   */
  readonly blocks?: number | undefined;
  /**
   * Parameters a scale of the long convolution; broad has 16, fine has 4 and one for the token itself.
   *
   * Default: elastic: fine.
   */
  readonly longKernel?: 'broad' | 'fine' | undefined;
  /**
   * Scales of the long convolution, each twice as wide as the one before; 0: none.
   *
   * Whole number, 0 to 24. Default: elastic: 7.
   */
  readonly scales?: number | undefined;
  /**
   * Taps of the short convolution, an odd number; 0: none.
   *
   * Whole number, 0 to 31. Default: elastic: 5.
   */
  readonly taps?: number | undefined;
  /**
   * Filters over neighbouring tokens, of which the largest answer counts; 0: none.
   *
   * Whole number, 0 to 65536. Default: elastic: 256.
   */
  readonly bank?: number | undefined;
  /**
   * Cosine modes of the position that pooling keeps as well; 1: the mean, 0: none.
   *
   * Whole number, 0 to 64. Default: elastic: 0.
   */
  readonly cosineModes?: number | undefined;
  /**
   * Attention heads; must divide the channels.
   *
   * Whole number, 1 to 256. Default: standard: 4.
   */
  readonly heads?: number | undefined;
  /**
   * How many of the most frequent words the model knows.
   *
   * Whole number, 2 to 100000000. Default: elastic-fourier, standard, bag: 10,000; elastic: 12,000.
   */
  readonly vocabulary?: number | undefined;
  /**
   * Longest n-gram, in words.
   *
   * Whole number, 1 to 8. Default: bag: 1; linear: 3.
   */
  readonly ngrams?: number | undefined;
  /**
   * Rows for hashed n-grams.
   *
   * Whole number, 0 to 100000000. Default: bag: 0.
   */
  readonly buckets?: number | undefined;
  /**
   * How n-grams are weighted: presence, tf-idf, tf-idf-signs (punctuation too), or chosen; chosen: by
   * cross-validation; of many texts presence is the default for two classes, tf-idf for more.
   *
   * Default: linear: presence.
   */
  readonly weighting?: 'presence' | 'tf-idf' | 'tf-idf-signs' | 'chosen' | undefined;
  /**
   * What n-grams are of, separated by commas: words, bytes, title, chars, positions; by default words, and
   * for few texts what cross-validation chooses.
   *
   * Default: none.
   */
  readonly features?: string | undefined;
  /**
   * N-grams that are kept after training, those with the most weight; fewer by default where there are many
   * classes.
   *
   * Whole number, 2 to 100000000. Default: linear: 300,000.
   */
  readonly maxFeatures?: number | undefined;
  /**
   * Dropout rate.
   *
   * Number, 0 to 0.95. Default: elastic-fourier, standard: 0.2; elastic, linear: 0.5; bag: 0.
   */
  readonly dropout?: number | undefined;
  /**
   * Share of the words that training replaces by the unknown word.
   *
   * Number, 0 to 0.95. Default: elastic-fourier, standard: 0.3; elastic: 0.2.
   */
  readonly wordDropout?: number | undefined;
  /**
   * Leave the linear path out and train the deep path alone.
   *
   * Default: false.
   */
  readonly deepOnly?: boolean | undefined;
  /**
   * How far targets are moved towards equal shares.
   *
   * Number, 0 to 0.95. Default: 0.
   */
  readonly labelSmoothing?: number | undefined;
  /**
   * Passes over the data, at most.
   *
   * Whole number, 1 to 100000. Default: bag, elastic, linear: 5; elastic-fourier, standard: 4.
   */
  readonly epochs?: number | undefined;
  /**
   * Sequences a step.
   *
   * Whole number, 1 to 65536. Default: elastic-fourier, standard, bag: 32; elastic, linear: 64.
   */
  readonly batchSize?: number | undefined;
  /**
   * Seed of the random numbers; they decide initial weights, order and dropout.
   *
   * Whole number, 0 to 2147483647. Default: 0.
   */
  readonly seed?: number | undefined;
  /**
   * Peak learning rate.
   *
   * Number, above 0, at most 10. Default: 0.003; bag: 0.01.
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
   * Number, at least 0, below 1. Default: 0.999; elastic, linear: 0.98.
   */
  readonly beta2?: number | undefined;
  /**
   * AdamW: added to the root of those squares.
   *
   * Number, above 0. Default: 0.00000001.
   */
  readonly epsilon?: number | undefined;
  /**
   * Largest norm of the gradient; 0: no clipping.
   *
   * Number, 0 to 1000000000. Default: 1.
   */
  readonly clipNorm?: number | undefined;
  /**
   * Share of the steps over which the learning rate rises.
   *
   * Number, 0 to 1. Default: 0.1; linear: 0.
   */
  readonly warmupShare?: number | undefined;
  /**
   * How examples count: none, or balanced; none counts all alike, balanced gives rare classes more weight so
   * that all classes count alike.
   *
   * Default: none.
   */
  readonly classWeights?: 'none' | 'balanced' | undefined;
  /**
   * Which validation score decides the best epoch: accuracy, macro-f1 or loss; macro-f1 counts classes alike
   * and is the default with balanced class weights.
   *
   * Default: accuracy; elastic: loss.
   */
  readonly select?: 'accuracy' | 'macro-f1' | 'loss' | undefined;
  /**
   * Of several labels, what their thresholds are for: f1, precision=0.9 or recall=0.9.
   *
   * Default: f1.
   */
  readonly thresholdFor?: string | undefined;
  /**
   * In training: largest shift in time, as a share of the length (0.1 for sounds).
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeShift?: number | undefined;
  /**
   * In training: largest stretch or squeeze in time, as a share (0.1 for sounds).
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeStretch?: number | undefined;
  /**
   * In training: longest part that is masked, as a share of the length.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly timeMask?: number | undefined;
  /**
   * Sounds as mel bands: most bands next to each other that are masked in training, as a share of all; 0.2
   * unless told otherwise.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly bandMask?: number | undefined;
  /**
   * In training: most that is cut off the ends, as a share of the length.
   *
   * Number, 0 to 0.95. Default: 0.
   */
  readonly timeCrop?: number | undefined;
  /**
   * In training: mix two signals, with shares from Beta(a, a); 0: off; 0.2 is usual; both classes are then
   * the target.
   *
   * Number, 0 to 1. Default: 0.
   */
  readonly mixup?: number | undefined;
  /**
   * In training: largest change of loudness, by a factor up to e^g (0.5 for sounds); 0.7 halves or doubles.
   *
   * Number, 0 to 5. Default: 0.
   */
  readonly gain?: number | undefined;
  /**
   * Cross-validation in k folds instead of a tenth held out, for few examples; 0: hold a tenth out; for
   * models that need no gradients: they then learn from all examples.
   *
   * Whole number, 0 to 1000000. Default: by the number of examples; 0 where there are many.
   */
  readonly folds?: number | undefined;
  /**
   * Epochs without a gain after which it stops; 0: never.
   *
   * Whole number, at least 0. Default: epochs/3, at least 6.
   */
  readonly patience?: number | undefined;
}
