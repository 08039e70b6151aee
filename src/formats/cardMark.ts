/** How a model card of ours is known. Apart from its words, which are loaded when a card is written. */

/** A line of every card: a README.md without it is somebody's own. */
export const CARD_MARK = '<!-- Written by elastic-fourier. Exporting here again replaces this file. -->';

/** Whether a README.md is a card of ours, so that it may be replaced. */
export function isModelCard(text: string): boolean {
  // Cards of older versions have no mark.
  const older = text.startsWith('---\nlibrary_name: elastic-fourier\n') && text.includes('\n## From what\n');
  return text.includes(CARD_MARK) || older;
}
