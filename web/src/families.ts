/** The families that take texts, as the page offers them. */
import type { ModelName } from 'elastic-fourier';

export interface Offer {
  readonly model: ModelName;
  readonly title: string;
  readonly says: string;
}

export const OFFERS: readonly Offer[] = [
  {
    model: 'elastic',
    title: 'Elastic',
    says: 'A linear path over the whole text and a deep path over its words; the usual best choice.',
  },
  {
    model: 'elastic-fourier',
    title: 'Elastic Fourier',
    says: 'Mixes the words by a Fourier transform instead of attention.',
  },
  {
    model: 'standard',
    title: 'Transformer',
    says: 'Attention, as most models have it; slower on long texts.',
  },
  { model: 'linear', title: 'Linear', says: 'Words and word pairs, weighed; trains in seconds.' },
  { model: 'bag', title: 'Bag of words', says: 'The mean of the words, without their order.' },
];

export const titleOf = (model: string): string =>
  OFFERS.find((offer) => offer.model === model)?.title ?? model;
