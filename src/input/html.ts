/** Texts with HTML in them: recognised, and turned into what a reader would see. */
import { decodeEntities } from './entities.js';

/** Elements that break a line or a word; other known ones stand inside a word. */
const BLOCKS = new Set(
  (
    'address article aside blockquote body br button canvas caption center col colgroup dd details dialog dir div dl dt ' +
    'fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img input ' +
    'legend li link main map menu meta nav noscript object ol optgroup option p param pre script section select style ' +
    'summary svg table tbody td template textarea tfoot th thead title tr ul video'
  ).split(' '),
);
const INLINES = new Set(
  (
    'a abbr acronym area audio b base basefont bdi bdo big blink cite code data del dfn em embed font i ins kbd label ' +
    'marquee mark meter nobr noframes output picture progress q rp rt ruby s samp small source span strike strong sub ' +
    'sup time track tt u var wbr'
  ).split(' '),
);

/** What is in these is not for readers. */
const HIDDEN = new Set(['script', 'style', 'template', 'noframes']);

/** A tag of a known element, or an entity that only HTML has need of. */
const SIGN =
  /<\/?(?:br|p|div|span|a|b|i|em|strong|u|ul|ol|li|table|tbody|tr|td|th|h[1-6]|img|html|body|head|font|script|style|pre|code|blockquote|hr|center|meta|title|sup|sub)(?:\s[^<>]{0,2000})?\/?>|&(?:amp|lt|gt|quot|nbsp|apos|[lr][sd]quo|[mn]dash|hellip|#\d{2,6}|#x[\da-f]{2,5});/i;

/** The part of a text that is searched for a sign. */
const SEARCHED = 20_000;

/** Whether a text has a tag or an entity in its first 20,000 characters. */
export function hasHtml(text: string): boolean {
  return SIGN.test(text.length > SEARCHED ? text.slice(0, SEARCHED) : text);
}

/** Of the texts that are looked at, so many with HTML make all of them HTML. */
export const HTML_SHARE = 0.1;

/** Longest value of an attribute in quotes, as of an image that stands in the text. */
const LONGEST_VALUE = 1_000_000;

/** What may stand behind the `<` of a tag or comment. */
const BEGINS = /[a-z/!]/i;

const TAG_NAME = /[a-z][a-z\d]{0,15}/iy;

/**
 * The text without its tags, comments, scripts and styles, entities decoded. Tags that break a line leave a space
 * unless one is there; of `<` what begins no known element (an address, a comparison) stays.
 */
export function stripHtml(text: string): string {
  if (!text.includes('<')) return decodeEntities(text);
  const find = finder(text);
  const out = new Pieces();
  /** Where what is not copied yet begins. */
  let from = 0;
  for (let opens = text.indexOf('<'); opens >= 0; ) {
    const end = tagEnd(text, opens, find);
    if (end !== undefined) {
      out.add(text.slice(from, opens));
      if (end.breaks && out.last !== '' && !/\s/.test(out.last)) out.add(' ');
      from = end.at;
    }
    opens = text.indexOf('<', end?.at ?? opens + 1);
  }
  out.add(text.slice(from));
  return decodeEntities(out.text);
}

/** Pieces of a text that are joined now and then: millions that are added one by one would take much memory and time. */
class Pieces {
  /** The last character, or ''. */
  last = '';
  #joined = '';
  #pieces: string[] = [];

  add(piece: string): void {
    if (piece === '') return;
    this.last = piece[piece.length - 1];
    this.#pieces.push(piece);
    if (this.#pieces.length === 4096) this.#join();
  }

  get text(): string {
    this.#join();
    return this.#joined;
  }

  #join(): void {
    this.#joined += this.#pieces.join('');
    this.#pieces = [];
  }
}

/** The next place of something at or behind `from`, or -1. */
type Find = (what: string, from: number) => number;

/** Remembers where it last found each: places are asked for in rising order, and no stretch is searched twice. */
function finder(text: string): Find {
  const last = new Map<string, { searchedFrom: number; found: number }>();
  return (what, from) => {
    const known = last.get(what);
    if (known !== undefined && known.searchedFrom <= from && (known.found < 0 || known.found >= from)) {
      return known.found;
    }
    const found = text.indexOf(what, from);
    last.set(what, { searchedFrom: from, found });
    return found;
  };
}

/** Where what begins at a `<` ends, if it is a comment, declaration or tag of a known element. */
function tagEnd(text: string, opens: number, find: Find): { at: number; breaks: boolean } | undefined {
  if (!BEGINS.test(text[opens + 1] ?? '')) return undefined;
  if (text.startsWith('<!--', opens)) {
    const closes = find('-->', opens + 4);
    return closes < 0 ? undefined : { at: closes + 3, breaks: false };
  }
  if (/^<!doctype\b/i.test(text.slice(opens, opens + 10))) {
    const closes = find('>', opens);
    return closes < 0 ? undefined : { at: closes + 1, breaks: true };
  }
  const closing = text[opens + 1] === '/';
  TAG_NAME.lastIndex = opens + (closing ? 2 : 1);
  const name = TAG_NAME.exec(text)?.[0].toLowerCase();
  if (name === undefined || !(BLOCKS.has(name) || INLINES.has(name))) return undefined;
  const at = attributesEnd(text, TAG_NAME.lastIndex, find);
  if (at === undefined) return undefined;
  if (!closing && HIDDEN.has(name)) {
    const closes = find(`</${name}`, at);
    const after = closes < 0 ? -1 : find('>', closes);
    if (after >= 0) return { at: after + 1, breaks: true };
  }
  return { at, breaks: BLOCKS.has(name) };
}

/** Behind the `>` of a tag, which may not stand in a quoted value; undefined if there is none before the next `<`. */
function attributesEnd(text: string, from: number, find: Find): number | undefined {
  if (!/[>/\s]/.test(text[from] ?? '')) return undefined;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '>') return at + 1;
    if (character === '<') return undefined;
    if ((character === '"' || character === "'") && text[at - 1] === '=') {
      const closes = find(character, at + 1);
      const tag = find('>', at + 1);
      // A value that is never closed ends with its tag.
      if (tag < 0 || closes < 0 || closes - at > LONGEST_VALUE) return tag < 0 ? undefined : tag + 1;
      at = closes;
    }
  }
  return undefined;
}
