/** Sounds in formats that are not read: known by their names and first bytes, and what to do about them. */

/** How one file becomes one that is read. */
export const CONVERT = 'convert it (ffmpeg -i FILE -c:a pcm_s16le NEW.wav)';

/** By ending. */
const ENDINGS: Readonly<Record<string, string>> = {
  '.mp3': 'MP3',
  '.flac': 'FLAC',
  '.ogg': 'Ogg',
  '.oga': 'Ogg',
  '.opus': 'Opus',
  '.m4a': 'MPEG-4 audio',
  '.mp4': 'MPEG-4',
  '.aac': 'AAC',
  '.aif': 'AIFF',
  '.aiff': 'AIFF',
  '.aifc': 'AIFF',
  '.au': 'Sun audio',
  '.snd': 'Sun audio',
  '.wma': 'Windows Media audio',
  '.webm': 'WebM',
  '.mka': 'Matroska audio',
  '.caf': 'Core Audio',
  '.amr': 'AMR',
  '.3gp': '3GPP',
  '.ape': "Monkey's Audio",
  '.wv': 'WavPack',
  '.w64': 'Wave64',
  '.sph': 'NIST SPHERE',
  '.gsm': 'GSM',
  '.voc': 'Creative Voice',
  '.raw': 'raw samples',
  '.pcm': 'raw samples',
};

/** What a file with this ending (in lower case, with its dot) holds; undefined if it is no sound that is not read. */
export const foreignEnding = (ending: string): string | undefined =>
  Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;

/** First bytes, or those behind the fourth, and what they tell. */
const MAGIC: readonly (readonly [at: number, begins: string, what: string])[] = [
  [0, 'ID3', 'MP3'],
  [0, 'fLaC', 'FLAC'],
  [0, 'OggS', 'Ogg (Vorbis or Opus)'],
  [4, 'ftyp', 'MPEG-4 audio (m4a)'],
  [0, 'FORM', 'AIFF'],
  [0, '.snd', 'Sun audio (au)'],
  [0, 'caff', 'Core Audio (caf)'],
  [0, '#!AMR', 'AMR'],
  [0, '\x30\x26\xb2\x75', 'Windows Media audio (wma)'],
  [0, '\x1a\x45\xdf\xa3', 'Matroska or WebM'],
  [0, 'NIST_1A', 'NIST SPHERE'],
  [0, 'wvpk', 'WavPack'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'riff', 'Wave64'],
  [0, 'Creative Voice File', 'Creative Voice'],
  [8, 'AVI ', 'a film (AVI)'],
];

/** Of what is no sound at all. */
const OTHERS: readonly (readonly [begins: string, what: string])[] = [
  ['version https://git-lfs', 'a Git LFS pointer, not the sound; fetch it with git lfs pull'],
  ['\x1f\x8b', 'packed by gzip; unpack it (gunzip)'],
  ['PK\x03\x04', 'a zip archive; unpack it'],
  ['\x93NUMPY', 'a NumPy array; call it .npy'],
  ['<!DOCTYPE', 'a web page; fetch the sound itself'],
  ['<!doctype', 'a web page; fetch the sound itself'],
  ['<html', 'a web page; fetch the sound itself'],
];

/** What these bytes are, and what to do; undefined if nobody knows. */
export function foreignSound(bytes: Uint8Array): string | undefined {
  const begins = String.fromCharCode(...bytes.subarray(0, 32));
  const sound = MAGIC.find(([at, magic]) => begins.startsWith(magic, at))?.[2] ?? mpegFrame(bytes);
  if (sound !== undefined) return `${sound}; ${CONVERT}`;
  return OTHERS.find(([magic]) => begins.startsWith(magic))?.[1];
}

/** MPEG audio without tags begins with a frame: eleven bits set, then a layer that there is. */
function mpegFrame([first, second = 0]: Uint8Array): string | undefined {
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const layer = (second >> 1) & 3;
  // ADTS frames say layer 0.
  return layer === 0 ? 'AAC' : 'MP3';
}
