/** Damages bytes and JSON at random; the same damage for the same random stream. */

/** @typedef {import('../../dist/random.js').RandomStream} Random */

/** Pieces that mean something to some parser. */
const PIECES = [
  ...[
    '"',
    '""',
    '\n',
    '\r',
    '\r\n',
    '\t',
    ',',
    ';',
    '|',
    '\\',
    '\\"',
    '{',
    '}',
    '[',
    ']',
    ':',
    '<',
    '>',
    '&',
    '&#',
    ';',
  ],
  ...[
    '\0',
    '\ufeff',
    '\ufffd',
    '\ufdd0',
    '\ud800',
    '\u2028',
    '__label__',
    '<!--',
    '-->',
    '<script',
    'null',
    '1e999',
    '-0',
  ],
  ...['\u001b[31m', 'PAR1', '\u001f\u008b', 'é', '漢', '😀', '__proto__', 'constructor', 'text', 'label'],
];
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff];

/** @param {Uint8Array} bytes @param {number} at @param {number} cut @param {Uint8Array} put */
function splice(bytes, at, cut, put) {
  const result = new Uint8Array(bytes.length - cut + put.length);
  result.set(bytes.subarray(0, at));
  result.set(put, at);
  result.set(bytes.subarray(at + cut), at + put.length);
  return result;
}

/**
 * One to four damages.
 * @param {Random} random
 * @param {Uint8Array} seed
 * @param {Uint8Array} other a second seed, from which pieces may come
 */
export function mutateBytes(random, seed, other) {
  let bytes = seed.slice();
  for (let times = 1 + random.nextInteger(1 + random.nextInteger(4)); times > 0; times--)
    bytes = damage(random, bytes, other);
  return bytes;
}

/** @param {Random} random @param {Uint8Array} bytes @param {Uint8Array} other */
function damage(random, bytes, other) {
  if (bytes.length === 0) return other.slice(0, random.nextInteger(other.length + 1));
  // What decides stands mostly at either end.
  const near = Math.min(bytes.length, 512);
  const place = random.nextInteger(3);
  let at = random.nextInteger(bytes.length);
  if (place === 0) at = random.nextInteger(near);
  if (place === 1) at = bytes.length - 1 - random.nextInteger(near);
  const length = random.nextInteger(Math.min(bytes.length - at, 64) + 1);
  const none = new Uint8Array();
  switch (random.nextInteger(9)) {
    case 0: {
      const changed = bytes.slice();
      changed[at] ^= 1 << random.nextInteger(8);
      return changed;
    }
    case 1: {
      const changed = bytes.slice();
      changed[at] = random.nextInteger(256);
      return changed;
    }
    case 2: {
      const changed = bytes.slice();
      changed.fill(NUMBERS[random.nextInteger(NUMBERS.length)], at, at + Math.min(length, 8));
      return changed;
    }
    case 3:
      return splice(bytes, at, length, none);
    case 4:
      return bytes.slice(0, at);
    case 5:
      return splice(bytes, at, 0, bytes.slice(at, at + length));
    case 6: {
      const from = random.nextInteger(other.length + 1);
      return splice(bytes, at, length, other.slice(from, from + random.nextInteger(256)));
    }
    case 7: {
      const piece = new TextEncoder().encode(PIECES[random.nextInteger(PIECES.length)]);
      return splice(bytes, at, random.nextInteger(2) * Math.min(length, 1), piece);
    }
    default: {
      const piece = PIECES[random.nextInteger(PIECES.length)].repeat(1 + random.nextInteger(300));
      return splice(bytes, at, 0, new TextEncoder().encode(piece));
    }
  }
}

const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  1e-320,
  2 ** 53,
  '',
  'x',
  '../../x',
  [],
  {},
  [[]],
  [1],
];

/**
 * One to three values of a JSON document replaced, taken away, doubled or exchanged.
 * @param {Random} random
 * @param {string} text
 */
export function mutateJson(random, text) {
  const document = JSON.parse(text);
  for (let times = 1 + random.nextInteger(1 + random.nextInteger(3)); times > 0; times--) {
    /** @type {{ holder: any, key: string }[]} */
    const places = [];
    const collect = (holder) => {
      // Of long lists the first few: what else there is would hardly be met.
      const keys = Object.keys(holder);
      for (const key of keys.length > 12 && Array.isArray(holder) ? keys.slice(0, 3) : keys) {
        places.push({ holder, key });
        if (typeof holder[key] === 'object' && holder[key] !== null) collect(holder[key]);
      }
    };
    collect(document);
    if (places.length === 0) break;
    const { holder, key } = places[random.nextInteger(places.length)];
    const value = holder[key];
    switch (random.nextInteger(5)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 1:
        if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(value));
        else holder[`${key}x`] = value;
        break;
      case 2:
        holder[key] =
          typeof value === 'number'
            ? value * [-1, 2, 0.5, 1000][random.nextInteger(4)] + random.nextInteger(2)
            : VALUES[random.nextInteger(VALUES.length)];
        break;
      case 3: {
        const from = places[random.nextInteger(places.length)];
        holder[key] = structuredClone(from.holder[from.key]);
        break;
      }
      default:
        holder[key] = structuredClone(VALUES[random.nextInteger(VALUES.length)]);
    }
  }
  return JSON.stringify(document);
}
