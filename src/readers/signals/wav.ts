/** Decodes WAV: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64, any number of channels, WAVE_FORMAT_EXTENSIBLE. */
import { InputError } from '../../errors.js';

export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  /** The samples of each channel, −1 … 1 for PCM. */
  readonly channels: readonly Float64Array[];
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Other formats that WAV files come in, for messages. */
const FOREIGN: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  6: 'A-law',
  7: 'µ-law',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  85: 'MP3',
};

const ADVICE = 'convert it to 16-bit PCM (ffmpeg -i FILE -c:a pcm_s16le NEW.wav)';

interface Layout {
  readonly format: number;
  readonly channels: number;
  readonly rate: number;
  /** Of a sample. */
  readonly bits: number;
}

const tagAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

/** Throws InputError naming what is wrong with the file. */
export function decodeWav(bytes: Uint8Array, place: string): Sound {
  const refuse = (fault: string): never => {
    throw new InputError(`${place}: ${fault}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.byteLength;
  if (size < 12 || tagAt(view, 8) !== 'WAVE' || !['RIFF', 'RF64', 'RIFX'].includes(tagAt(view, 0))) {
    refuse('this is not a WAV file: it does not begin with RIFF … WAVE');
  }
  if (tagAt(view, 0) !== 'RIFF') refuse(`a WAV file of the kind ${tagAt(view, 0)}; ${ADVICE}`);
  let layout: Layout | undefined;
  for (let at = 12; at + 8 <= size; ) {
    const [tag, length] = [tagAt(view, at), view.getUint32(at + 4, true)];
    const start = at + 8;
    if (tag === 'data') {
      if (layout === undefined) return refuse('its samples come before their format: the header is damaged');
      // Recorders that write to a pipe cannot know the length: they leave 0 or the largest number.
      const open = length === 0xffffffff || (length === 0 && start < size);
      if (!open && start + length > size) {
        refuse(
          `its header says ${length} bytes of samples, ${size - start} are there: the file is cut off; fetch or record it again`,
        );
      }
      return samplesOf(view, start, open ? size - start : length, layout, refuse);
    }
    if (start + length > size) {
      refuse(`its part '${tag}' goes beyond the end of the file: the file is cut off or its header damaged`);
    }
    if (tag === 'fmt ') layout = layoutAt(view, start, length, refuse);
    // Parts begin at even places.
    at = start + length + (length % 2);
  }
  return refuse(layout === undefined ? "it has no part 'fmt '" : "it has no part 'data', so no samples");
}

function layoutAt(view: DataView, at: number, length: number, refuse: (fault: string) => never): Layout {
  if (length < 16)
    refuse(`its part 'fmt ' has ${length} bytes, at least 16 are needed: the header is damaged`);
  const told = view.getUint16(at, true);
  if (told === EXTENSIBLE && length < 40) refuse("its extended 'fmt ' is too short: the header is damaged");
  const format = told === EXTENSIBLE ? view.getUint16(at + 24, true) : told;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const block = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  const known =
    (format === PCM && [8, 16, 24, 32].includes(bits)) || (format === FLOAT && [32, 64].includes(bits));
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
  { format, channels, rate, bits }: Layout,
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
