/** Which pieces of a text speak for one class and against another: by how much more often that class's other texts have them. */
import { piecesOf } from './giveAways.js';

/** Texts that are asked about, their own label and the one that is suggested. */
export interface DoubtedLabel {
  readonly example: number;
  readonly label: number;
  readonly suggested: number;
}

const SMOOTHING = 0.5;
const LISTED = 5;

/** Of each question the pieces that speak most for the suggested class, without what the text itself adds. */
export function piecesFor(
  texts: readonly string[],
  labels: Int32Array,
  classes: number,
  questions: readonly DoubtedLabel[],
): string[][] {
  const asked = questions.map(({ example }) =>
    [...piecesOf(texts[example])].filter((piece) => !piece.includes('“')),
  );
  const numbers = new Map<string, number>();
  for (const pieces of asked) {
    for (const piece of pieces) if (!numbers.has(piece)) numbers.set(piece, numbers.size);
  }
  const counts = new Uint32Array(numbers.size * classes);
  const sizes = new Uint32Array(classes);
  texts.forEach((text, i) => {
    sizes[labels[i]]++;
    for (const piece of piecesOf(text)) {
      const number = numbers.get(piece);
      if (number !== undefined) counts[number * classes + labels[i]]++;
    }
  });
  return questions.map(({ label, suggested }, q) => {
    const share = (piece: string, c: number): number => {
      const own = c === label ? 1 : 0;
      return (counts[numbers.get(piece)! * classes + c] - own + SMOOTHING) / (sizes[c] - own + 2 * SMOOTHING);
    };
    return asked[q]
      .map((piece) => ({ piece, says: Math.log(share(piece, suggested) / share(piece, label)) }))
      .filter(({ says }) => says > 0)
      .sort((a, b) => b.says - a.says || (a.piece < b.piece ? -1 : 1))
      .slice(0, LISTED)
      .map(({ piece }) => piece);
  });
}
