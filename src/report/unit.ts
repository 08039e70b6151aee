/** What lengths count, in the headings of tables: those of texts say tokens. */
import type { Comparison } from '../comparison/compareResults.js';

export function inUnit<C extends { readonly title: string }>(
  columns: readonly C[],
  unit: Comparison['unit'],
): C[] {
  return columns.map((column) => (column.title === 'tokens' ? { ...column, title: unit } : column));
}
