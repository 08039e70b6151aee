/** One plain function for every operation of the vocabulary: together they define what the operations mean. */
import { ProgramError } from '../../program/program.js';
import { attention, attentionBackward } from './attention.js';
import {
  accumulate,
  add,
  copy,
  dropout,
  dropoutBackward,
  gelu,
  geluBackward,
  wave,
  waveBackward,
} from './elementwise.js';
import { embedding, embeddingBackward } from './embedding.js';
import { linear, linearInputGradient, linearWeightGradient } from './linear.js';
import { crossEntropy, crossEntropyBackward, mean, meanBackward } from './loss.js';
import { layerNorm, layerNormBackward, normalize } from './norm.js';
import type { Run } from './operands.js';
import { spectralMixer, spectralMixerBackward } from './spectral.js';

const VOCABULARY: Readonly<Record<string, Run>> = {
  accumulate,
  add,
  attention,
  attentionBackward,
  copy,
  crossEntropy,
  crossEntropyBackward,
  dropout,
  dropoutBackward,
  embedding,
  embeddingBackward,
  gelu,
  geluBackward,
  layerNorm,
  layerNormBackward,
  linear,
  linearInputGradient,
  linearWeightGradient,
  mean,
  meanBackward,
  normalize,
  spectralMixer,
  spectralMixerBackward,
  wave,
  waveBackward,
};

export function runOf(kind: string): Run {
  const run = VOCABULARY[kind];
  if (run === undefined) throw new ProgramError(`internal: the reference engine lacks operation '${kind}'`);
  return run;
}
