import type { Comparison } from '../evaluation/comparison.js';
import type { Results } from '../evaluation/results.js';
export function renderPage(_: { results: Results; comparison: Comparison }): string {
  return '<!doctype html>';
}
