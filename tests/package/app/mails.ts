/** A few mails with labels that a small model learns at once. */
export const mails = Array.from({ length: 120 }, (_, i) =>
  i % 2 === 0
    ? { text: `win a free cruise number ${i} now`, label: 'spam' }
    : { text: `a patch for the list, revision ${i}, please review`, label: 'ham' },
);

export const settings = {
  model: 'elastic-fourier',
  sequenceLength: 16,
  channels: 16,
  hidden: 32,
  blocks: 1,
  epochs: 3,
  seed: 1,
} as const;

export const question = 'a free cruise for the list';
