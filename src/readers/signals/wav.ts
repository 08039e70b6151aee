/**
 * Decodes WAV: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64, A-law, µ-law, any number of channels,
 * WAVE_FORMAT_EXTENSIBLE, RF64 and BW64 (EBU Tech 3306), lengths that a recorder left open.
 */
import { InputError } from '../../errors.js';
import { foreignSound } from './foreign.js';

export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  /** The samples of each channel, −1 … 1 for PCM. */
  readonly channels: readonly Float64Array[];
  /** What is wrong with the file, though it was read. */
  readonly warning?: string;
}

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;

/** Other formats that WAV files come in, for messages. */
const FOREIGN: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  [A_LAW]: 'A-law',
  [MU_LAW]: 'µ-law',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  85: 'MP3',
};

const ADVICE = 'convert it to 16-bit PCM (ffmpeg -i FILE -c:a pcm_s16le NEW.wav)';

export interface WavLayout {
  readonly format: number;
  readonly channels: number;
  readonly rate: number;
  /** Of a sample. */
  readonly bits: number;
}

const tagAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

/**
 * Programs that write to a pipe cannot know the length: they leave the largest number, or one near it (sox 0x7ffff000,
 * ffmpeg 0xffffffff). No file this long fits into memory.
 */
const OPEN = 0x7fff0000;

/** A file whose header promises more than so many times the samples that are there is damaged. */
const MOST_MISSING = 2;

/** Whether a part of the file may begin here: four characters that can be printed. */
function isTag(view: DataView, at: number): boolean {
  return at + 8 <= view.byteLength && /^[ -~]{4}$/.test(tagAt(view, at));
}

/** Where the samples of a file lie. */
export interface WavSamples extends WavLayout {
  /** Of the first one, and of all of them that are there; in bytes. */
  readonly start: number;
  readonly length: number;
  readonly warning?: string;
}

/** Throws InputError naming what is wrong with the file. */
export function decodeWav(bytes: Uint8Array, place: string): Sound {
  const samples = wavSamples(bytes, bytes.byteLength, place);
  const { start, length, warning } = samples;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sound = samplesOf(view, start, length, samples, (fault) => {
    throw new InputError(`${place}: ${fault}`);
  });
  return warning === undefined ? sound : { ...sound, warning };
}

/** Samples that lie in `bytes`, the mean of their channels. */
export function monoSamples(bytes: Uint8Array, { format, channels, bits }: WavLayout): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readerOf(view, format, bits);
  const width = bits / 8;
  const values = new Float32Array(Math.floor(bytes.byteLength / (channels * width)));
  for (let t = 0, at = 0; t < values.length; t++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, at += width) sum += read(at);
    values[t] = sum / channels;
  }
  return values;
}

/**
 * @param bytes the file's beginning, or all of it
 * @param size bytes of the file
 * Throws InputError naming what is wrong with the file.
 */
export function wavSamples(bytes: Uint8Array, size: number, place: string): WavSamples {
  const refuse = (fault: string): never => {
    throw new InputError(`${place}: ${fault}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = size < 12 || tagAt(view, 8) !== 'WAVE' ? '' : tagAt(view, 0);
  if (!['RIFF', 'RF64', 'BW64', 'RIFX'].includes(kind)) {
    const other = foreignSound(bytes);
    refuse(
      other === undefined
        ? 'this is not a WAV file: it does not begin with RIFF … WAVE'
        : `this is not a WAV file but ${other}`,
    );
  }
  if (kind === 'RIFX') refuse(`a WAV file of the kind ${kind} (big-endian); ${ADVICE}`);
  let layout: WavLayout | undefined;
  /** Bytes of samples in a file of more than 4 GB, or one that might have become so. */
  let longLength: number | undefined;
  for (let at = 12; at + 8 <= size; ) {
    if (at + 48 > bytes.byteLength && bytes.byteLength < size)
      refuse('its samples begin too far behind its header');
    const [tag, length] = [tagAt(view, at), view.getUint32(at + 4, true)];
    const start = at + 8;
    if (tag === 'data') {
      if (layout === undefined) return refuse('its samples come before their format: the header is damaged');
      const there = size - start;
      const known = length === 0xffffffff && longLength !== undefined ? longLength : length;
      const open = known >= OPEN ? known > there : known === 0 && there > 0 && !isTag(view, start);
      const promised = open ? there : known;
      if (promised > MOST_MISSING * there) {
        refuse(
          `its header says ${known} bytes of samples, ${there} are there: the file is cut off; fetch or record it again`,
        );
      }
      const samples = { ...layout, start, length: Math.min(promised, there) };
      if (promised <= there) return samples;
      return {
        ...samples,
        warning: `cut off: ${promised - there} of ${promised} bytes of samples are missing at its end; the others were read`,
      };
    }
    if (start + length > size) {
      refuse(`its part '${tag}' goes beyond the end of the file: the file is cut off or its header damaged`);
    }
    if (tag === 'fmt ') layout = layoutAt(view, start, length, refuse);
    if (tag === 'ds64' && length >= 16) longLength = Number(view.getBigUint64(start + 8, true));
    const next = start + length;
    // Parts begin at even places, though not all programs know.
    at = length % 2 === 1 && (isTag(view, next + 1) || !isTag(view, next)) ? next + 1 : next;
  }
  return refuse(layout === undefined ? "it has no part 'fmt '" : "it has no part 'data', so no samples");
}

function layoutAt(view: DataView, at: number, length: number, refuse: (fault: string) => never): WavLayout {
  if (length < 16)
    refuse(`its part 'fmt ' has ${length} bytes, at least 16 are needed: the header is damaged`);
  const stated = view.getUint16(at, true);
  if (stated === EXTENSIBLE && length < 40) refuse("its extended 'fmt ' is too short: the header is damaged");
  const format = stated === EXTENSIBLE ? view.getUint16(at + 24, true) : stated;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const block = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  const known =
    (format === PCM && [8, 16, 24, 32].includes(bits)) ||
    (format === FLOAT && [32, 64].includes(bits)) ||
    ((format === A_LAW || format === MU_LAW) && bits === 8);
  if (!known) {
    const name =
      format === PCM ? 'PCM' : format === FLOAT ? 'floats' : (FOREIGN[format] ?? `format ${format}`);
    refuse(`its samples are ${name} of ${bits} bits, which are not read; ${ADVICE}`);
  }
  if (channels === 0) refuse('its header says 0 channels: the file is damaged');
  if (rate === 0) refuse('its header says 0 samples a second: the file is damaged');
  if (block !== (channels * bits) / 8) {
    refuse(
      `its header says ${block} bytes a sample of ${channels} channels of ${bits} bits, which take ${(channels * bits) / 8}: the header is damaged`,
    );
  }
  return { format, channels, rate, bits };
}

function samplesOf(
  view: DataView,
  start: number,
  length: number,
  { format, channels, rate, bits }: WavLayout,
  refuse: (fault: string) => never,
): Sound {
  const width = bits / 8;
  const steps = Math.floor(length / (channels * width));
  if (steps === 0) refuse('it holds no samples');
  const read = readerOf(view, format, bits);
  const decoded = Array.from({ length: channels }, () => new Float64Array(steps));
  for (let t = 0, at = start; t < steps; t++) {
    for (let c = 0; c < channels; c++, at += width) decoded[c][t] = read(at);
  }
  return { rate, channels: decoded };
}

function readerOf(view: DataView, format: number, bits: number): (at: number) => number {
  if (format === FLOAT) {
    return bits === 32 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  }
  if (format === A_LAW) return (at) => aLaw(view.getUint8(at));
  if (format === MU_LAW) return (at) => muLaw(view.getUint8(at));
  switch (bits) {
    case 8: // Unsigned, alone among them.
      return (at) => (view.getUint8(at) - 128) / 128;
    case 16:
      return (at) => view.getInt16(at, true) / 32768;
    case 24:
      return (at) => (view.getUint16(at, true) + 65536 * view.getInt8(at + 2)) / 8388608;
    default:
      return (at) => view.getInt32(at, true) / 2147483648;
  }
}

/** A sample of G.711's A-law: sign, exponent of 3 bits, 4 bits of what follows, every other bit flipped. */
function aLaw(byte: number): number {
  const plain = byte ^ 0x55;
  const exponent = (plain >> 4) & 7;
  const mantissa = ((plain & 15) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return ((plain & 0x80) === 0 ? -size : size) / 32768;
}

/** A sample of G.711's µ-law: sign, exponent of 3 bits, 4 bits of what follows, all bits flipped. */
function muLaw(byte: number): number {
  const plain = ~byte & 0xff;
  const size = ((((plain & 15) << 3) + 132) << ((plain >> 4) & 7)) - 132;
  return ((plain & 0x80) === 0 ? size : -size) / 32768;
}
