/**
 * What alone tells the class, though it may have nothing to do with what is meant: a header that one source has, a column
 * that holds the answer, how long a text is. A model that learns it is right on these data and wrong on others.
 */
import { wilsonInterval } from '../evaluation/wilson.js';

export interface GiveAway {
  /** `piece`: a word or the beginning of a line; `column`: another field; `form`: how long a text is, how it was encoded. */
  readonly kind: 'piece' | 'column' | 'form';
  /** As a person sees it. */
  readonly what: string;
  /** The class that it tells; of a column, that most of its values tell. */
  readonly label: string;
  /** Examples that have it, and how many of them are of that class. */
  readonly examples: number;
  readonly right: number;
  /** Examples of the class. */
  readonly ofClass: number;
  /** Other pieces that stand in the same examples. */
  readonly besides: readonly string[];
  /** Numbers of the first examples that have it. */
  readonly first: readonly number[];
}

export interface LabelledTexts {
  readonly texts: readonly string[];
  readonly labels: Int32Array;
  readonly classes: readonly string[];
}

/** Share of a piece's examples that are of one class, at least; and the lower end of its interval. */
const SURE = 0.98;
const SURELY = 0.9;
/** Share of the class's examples that have the piece, at least. */
const COMMON = 0.05;
const FEWEST = 20;
/** Pieces that are looked at more closely. */
const LOOKED_AT = 60;
/** Pieces of which so much is in common are told as one. */
const TOGETHER = 0.8;
const LISTED = 12;
/** Characters of a text that are searched for pieces. */
const SEARCHED = 20_000;
/** Lines at the beginning that may be headers. */
const HEADERS = 8;

const WORD = /<\/?[a-z][\w-]*|[\p{L}\p{N}_'-]{2,40}/gu;

/** Pieces of a text, each once: words and tags, and how its first lines begin. */
export function piecesOf(text: string): Set<string> {
  const pieces = new Set<string>();
  const searched = text.slice(0, SEARCHED);
  for (const [word] of searched.toLowerCase().matchAll(WORD)) pieces.add(word);
  let line = 0;
  for (const one of searched.split('\n', HEADERS)) {
    const begin = /^\s*(\S{1,24})/.exec(one)?.[1];
    if (begin !== undefined) {
      if (line === 0) pieces.add(`the text begins with “${begin}”`);
      if (/^[A-Za-z][\w-]*:/.test(one)) {
        pieces.add(`a line begins with “${one.trim().slice(0, 40)}”`);
        pieces.add(`a line begins with “${begin.slice(0, begin.indexOf(':') + 1)}”`);
      }
    }
    line++;
  }
  return pieces;
}

/** Pieces that alone tell a class, those that tell most examples first. */
export function giveAwayPieces({ texts, labels, classes }: LabelledTexts): GiveAway[] {
  const sizes = sizesOf(labels, classes.length);
  const numbers = new Map<string, number>();
  /** [pieces, classes] */
  let counts = new Uint32Array(2 ** 14 * classes.length);
  texts.forEach((text, i) => {
    for (const piece of piecesOf(text)) {
      const number = numbers.get(piece) ?? numbers.size;
      numbers.set(piece, number);
      if ((number + 1) * classes.length > counts.length) {
        const more = new Uint32Array(2 * counts.length);
        more.set(counts);
        counts = more;
      }
      counts[number * classes.length + labels[i]]++;
    }
    if (numbers.size > MOST_PIECES) dropRare(numbers, counts, classes.length);
  });
  const found: { piece: string; label: number; examples: number; right: number }[] = [];
  for (const [piece, number] of numbers) {
    const own = counts.subarray(number * classes.length, (number + 1) * classes.length);
    const examples = own.reduce((sum, value) => sum + value, 0);
    if (examples < FEWEST) continue;
    const right = Math.max(...own);
    const label = own.indexOf(right);
    if (right < COMMON * sizes[label] || right < SURE * examples) continue;
    if (wilsonInterval(right, examples)[0] < SURELY) continue;
    // Of a class that nearly all are of, everything tells it.
    if (sizes[label] / labels.length > SURE) continue;
    found.push({ piece, label, examples, right });
  }
  /** Of two that stand together, the purer one comes first, and how a text begins before what is anywhere in it. */
  const weight = ({ piece, right, examples }: (typeof found)[number]): number =>
    right * wilsonInterval(right, examples)[0] ** 10 * (piece.startsWith('the text') ? 1.02 : 1);
  found.sort((a, b) => weight(b) - weight(a) || (a.piece < b.piece ? -1 : 1));
  const looked = found.slice(0, LOOKED_AT);
  const having = whoHas(
    texts,
    looked.map(({ piece }) => piece),
  );
  const told: { readonly give: GiveAway; readonly who: Set<number>; readonly besides: string[] }[] = [];
  looked.forEach(({ piece, label, examples, right }, p) => {
    const who = having[p];
    const same = told.find((one) => {
      let common = 0;
      for (const i of who) if (one.who.has(i)) common++;
      return common >= TOGETHER * who.size && common >= TOGETHER * one.who.size;
    });
    if (same !== undefined) {
      same.besides.push(piece);
      return;
    }
    const besides: string[] = [];
    const give: GiveAway = {
      kind: 'piece',
      what: piece.startsWith('the text') || piece.startsWith('a line') ? piece : `“${piece}”`,
      ...{ label: classes[label], examples, right, ofClass: sizes[label], besides },
      first: [...who].slice(0, 5),
    };
    told.push({ give, who, besides });
  });
  return told.slice(0, LISTED).map(({ give, besides }) => ({ ...give, besides: besides.slice(0, 6) }));
}

/** Pieces that are counted at a time. */
const MOST_PIECES = 2_000_000;

/** Of so many pieces, those that were met once are forgotten. */
function dropRare(numbers: Map<string, number>, counts: Uint32Array, classes: number): void {
  const kept = [...numbers].filter(([, number]) => {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += counts[number * classes + c];
    return sum > 1;
  });
  const old = counts.slice();
  counts.fill(0);
  numbers.clear();
  kept.forEach(([piece, number], place) => {
    numbers.set(piece, place);
    counts.set(old.subarray(number * classes, (number + 1) * classes), place * classes);
  });
}

function whoHas(texts: readonly string[], pieces: readonly string[]): Set<number>[] {
  const places = new Map(pieces.map((piece, p) => [piece, p]));
  const found = pieces.map(() => new Set<number>());
  texts.forEach((text, i) => {
    for (const piece of piecesOf(text)) {
      const place = places.get(piece);
      if (place !== undefined) found[place].add(i);
    }
  });
  return found;
}

function sizesOf(labels: Int32Array, classes: number): Int32Array {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]++;
  return sizes;
}

/** Share of what guessing the largest class gets wrong that a column must get right, to be told of. */
const TELLING = 0.8;

/**
 * Columns whose values alone tell the label: each example's by the others of its value.
 * @param columns their values as text, undefined where an example has none
 */
export function giveAwayColumns(
  columns: ReadonlyMap<string, readonly (string | undefined)[]>,
  labels: Int32Array,
  classes: readonly string[],
  kind: GiveAway['kind'] = 'column',
): GiveAway[] {
  const sizes = sizesOf(labels, classes.length);
  const largest = Math.max(...sizes);
  const guessed = largest / labels.length;
  return [...columns].flatMap(([name, values]) => {
    const counts = new Map<string, Int32Array>();
    values.forEach((value, i) => {
      if (value === undefined) return;
      const own = counts.get(value) ?? new Int32Array(classes.length);
      own[labels[i]]++;
      counts.set(value, own);
    });
    if (counts.size < 2) return [];
    let [judged, right] = [0, 0];
    const told = new Int32Array(classes.length);
    for (const own of counts.values()) {
      const sum = own.reduce((total, value) => total + value, 0);
      if (sum < 2) continue;
      for (let c = 0; c < classes.length; c++) {
        if (own[c] === 0) continue;
        judged += own[c];
        // Without the example itself.
        const best = Math.max(...own.map((value, other) => (other === c ? -1 : value)));
        if (own[c] - 1 > best) {
          right += own[c];
          told[c] += own[c];
        }
      }
    }
    if (judged < Math.max(FEWEST, labels.length / 2)) return [];
    if (wilsonInterval(right, judged)[0] < guessed + TELLING * (1 - guessed)) return [];
    const label = told.indexOf(Math.max(...told));
    return [
      {
        kind,
        what: name,
        label: classes[label],
        examples: judged,
        right,
        ofClass: sizes[label],
        besides: [],
        first: [],
      },
    ];
  });
}

/** How texts are made, apart from what they say: lengths in tenths of the data, and marks of their encoding. */
export function formsOf(texts: readonly string[]): Map<string, string[]> {
  const lengths = texts.map(({ length }) => length);
  const sorted = Int32Array.from(lengths).sort();
  const borders = Array.from({ length: 19 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / 20)]);
  const mark = (pattern: RegExp): string[] => texts.map((text) => String(pattern.test(text)));
  return new Map([
    [
      'the length of the text',
      lengths.map((length) => String(borders.filter((border) => length >= border).length)),
    ],
    ['line ends of Windows (CR LF)', mark(/\r\n/)],
    ['line ends', mark(/\n/)],
    ['characters that could not be decoded', mark(/\uFFFD/)],
    ['characters beyond ASCII', mark(/[^\0-\x7f]/)],
    ['HTML', mark(/<[a-z/][^>]*>/i)],
    ['spaces at the end', mark(/\s$/)],
    ['capitals at the beginning', mark(/^\s*\p{Lu}/u)],
  ]);
}
