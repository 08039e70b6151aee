/** What is said of few validation examples. */
import { expect, test } from 'vitest';
import { fewValidationWarning } from '#eft/report/validationText.js';

test('few validation examples: the interval of their accuracy', () => {
  expect(fewValidationWarning(1, { folds: 0, examples: 5 })).toBe(
    '5 validation examples decide little: an accuracy of 100.00% there is anything from 56.55% to 100.00% on others (95% interval)',
  );
  expect(fewValidationWarning(0.9, { folds: 0, examples: 99 })).toContain(
    '99 validation examples decide little',
  );
  expect(fewValidationWarning(0, { folds: 0, examples: 1 })).toMatch(/^1 validation example decides little/);
});

test('enough of them: nothing', () => {
  expect(fewValidationWarning(0.9, { folds: 0, examples: 100 })).toBeUndefined();
});
