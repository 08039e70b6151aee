/** Options of what answers do in doubt, with their help: of trainings, and of whatever opens a trained model. */
import * as z from 'zod/mini';
import { doubtShape } from '../formats/doubt.js';
import { inGroup, option } from '../options.js';

/** Options of trainings, and of whatever opens a trained model. */
export const doubtOptions = inGroup('Labels', {
  unsure: option(doubtShape.unsure, {
    argument: '<score>',
    help: 'mark answers with a lower score as unsure',
    more: 'they then carry "unsure": true; 0: none',
    alias: ['threshold', 'reject', 'abstain', 'min-confidence'],
  }),
  maxError: option(doubtShape.maxError, {
    argument: '<share>',
    help: 'mark so many as unsure that at most this share of the others is wrong',
    more: 'with 95% confidence; the threshold is settled on examples that training left out',
    common: true,
    alias: ['error-rate', 'risk', 'max-risk'],
  }),
  minCoverage: option(doubtShape.minCoverage, {
    argument: '<share>',
    help: 'mark no more as unsure than leaves this share of answers, with 95% confidence',
    alias: ['coverage'],
  }),
  sets: option(doubtShape.sets, {
    argument: '<share>',
    help: 'also a set of classes that holds the right one with this probability',
    more: 'conformal prediction; the answers carry "set", which may be empty',
    alias: ['conformal', 'prediction-sets'],
  }),
} as const);

/** An option of whatever opens a trained model. */
export const unknownOption = inGroup('Labels', {
  unknown: option(z.optional(z.boolean()), {
    help: 'say of each input how unlike the training inputs it is: "unknown", 0 to 1',
    more: '0.99 is exceeded by one in a hundred inputs like those of the training; a text of words that the model does not know has 1',
    alias: ['novelty', 'ood', 'out-of-distribution', 'outlier'],
  }),
} as const);
