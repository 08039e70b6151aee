/**
 * Recordings with known times: short sounds by class, at random places over noise, hum and other speech.
 *
 *   node scripts/make-recordings.js --clips fsdd/train --out recordings --recordings 20 --minutes 5 --seed 1
 *     --keep 'george|jackson'    only clips whose names match
 *     --speech folder            other speech, as a background of its own (WAV of the same rate)
 *     --snr 0,20                 loudness of an event over the background that it lies on, in dB
 *     --apart 4                  mean seconds from one event to the next; 0: background alone
 *     --overlap 0.15             share of the events that begin before the last one has ended
 *
 * Clips lie in folders by class, or their names begin with it (7_jackson_32.wav). Writes WAV of 16 bits and `events.csv`
 * (file, onset, offset, label; seconds). The same options give the same bytes.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../dist/random.js';
import { decodeWav } from '../dist/readers/signals/wav.js';

const { values: given } = parseArgs({
  options: {
    clips: { type: 'string' },
    out: { type: 'string' },
    recordings: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string', default: '' },
    speech: { type: 'string' },
    snr: { type: 'string', default: '0,20' },
    apart: { type: 'string', default: '4' },
    overlap: { type: 'string', default: '0.15' },
  },
});
if (given.out === undefined || given.clips === undefined) throw new Error('--clips and --out are needed');
const [quietest, loudest] = given.snr.split(',').map(Number);
const apart = Number(given.apart);

/** @param {string} folder @returns {string[]} all WAV files below */
const wavFiles = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith('.wav'))
    .sort();

/** @param {string} path */
function readMono(path) {
  const { rate, channels } = decodeWav(readFileSync(path), path);
  return { rate, values: Float64Array.from(channels[0]) };
}

/** @param {Float64Array} values */
const rms = (values, from = 0, to = values.length) => {
  let sum = 0;
  for (let t = from; t < to; t++) sum += values[t] ** 2;
  return Math.sqrt(sum / Math.max(1, to - from));
};

/** The part between the first and the last 10 ms that are within 35 dB of the loudest. */
function trimmed({ rate, values }) {
  const hop = Math.round(rate / 100);
  const levels = Array.from({ length: Math.floor(values.length / hop) }, (_, f) =>
    rms(values, f * hop, (f + 1) * hop),
  );
  const enough = Math.max(...levels) * 10 ** (-35 / 20);
  const first = levels.findIndex((level) => level >= enough);
  const last = levels.findLastIndex((level) => level >= enough);
  return values.slice(Math.max(0, first) * hop, (last + 1) * hop);
}

const pattern = new RegExp(given.keep);
const clips = wavFiles(given.clips)
  .filter((path) => pattern.test(path))
  .map((path) => {
    const name = basename(path);
    const folder = basename(dirname(path));
    return { path, label: /^\d_/.test(name) && folder.length > 1 ? name[0] : folder };
  });
if (clips.length === 0) throw new Error('no clips match');
const speech =
  given.speech === undefined
    ? []
    : wavFiles(given.speech).filter((path) => !/\/(digits|letters|phonetic|silence)\//.test(path));
const seed = Number(given.seed);
const { rate } = readMono(clips[0].path);

/** Noise whose power falls with frequency to the power of `tilt` / 10 (white, pink-like, brown-like), and hum. */
function backgroundOf(steps, random) {
  const kind = random.nextInteger(3);
  const level = 0.004 * 10 ** (random.next() * 0.8);
  const values = new Float64Array(steps);
  let [slow, slower] = [0, 0];
  for (let t = 0; t < steps; t++) {
    const white = random.nextNormal();
    slow = 0.85 * slow + white;
    slower = 0.985 * slower + white;
    values[t] = kind === 0 ? white : kind === 1 ? slow : slower;
  }
  // Loudness that wanders by a few dB.
  const wander = Array.from(
    { length: Math.ceil(steps / rate / 5) + 2 },
    () => 10 ** ((random.next() - 0.5) * 0.3),
  );
  const scale = level / rms(values);
  const hum = random.next() < 0.5 ? level * (0.5 + random.next()) : 0;
  const pitch = random.next() < 0.5 ? 50 : 60;
  for (let t = 0; t < steps; t++) {
    const place = t / rate / 5;
    const share = place - Math.floor(place);
    values[t] *= scale * ((1 - share) * wander[Math.floor(place)] + share * wander[Math.floor(place) + 1]);
    const turn = (2 * Math.PI * pitch * t) / rate;
    values[t] += hum * (Math.sin(turn) + 0.5 * Math.sin(2 * turn + 1) + 0.3 * Math.sin(3 * turn + 2));
  }
  // Other speech, about a quarter of the time, as loud as the noise or up to 6 dB louder.
  for (let t = random.nextInteger(10 * rate); speech.length > 0 && t < steps; ) {
    const other = trimmed(readMono(speech[random.nextInteger(speech.length)]));
    const gain = (level * 10 ** (random.next() * 0.3)) / Math.max(1e-6, rms(other));
    for (let i = 0; i < other.length && t + i < steps; i++) values[t + i] += gain * other[i];
    t += other.length + Math.round((2 + 8 * random.next()) * rate);
  }
  return values;
}

function recording(number) {
  const random = new RandomStream(seed, 'synthesis', number, 0);
  const steps = Math.round(Number(given.minutes) * 60 * rate);
  const values = backgroundOf(steps, random);
  const background = values.slice();
  const floor = rms(values) * 0.5;
  const events = [];
  let last = 0;
  const order = random.permutation(clips.length);
  for (let at = Math.round(rate * (0.5 + random.next())), next = 0; apart > 0; next++) {
    const { path, label } = clips[order[next % clips.length]];
    const sound = trimmed(readMono(path));
    if (at + sound.length >= steps) break;
    const gain =
      (Math.max(floor, rms(background, at, at + sound.length)) *
        10 ** ((quietest + (loudest - quietest) * random.next()) / 20)) /
      Math.max(1e-6, rms(sound));
    for (let i = 0; i < sound.length; i++) values[at + i] += gain * sound[i];
    events.push({ onset: at / rate, offset: (at + sound.length) / rate, label });
    last = Math.max(last, at + sound.length);
    const together = random.next() < Number(given.overlap);
    at = together
      ? at + Math.round(sound.length * (0.3 + 0.6 * random.next()))
      : last + Math.round(rate * (0.1 + 2 * (apart - 0.6) * random.next()));
  }
  const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = Math.min(1, 0.98 / peak);
  return { values: values.map((value) => value * scale), events };
}

function wav(values) {
  const bytes = Buffer.alloc(44 + 2 * values.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * values.length, 4);
  bytes.write('WAVEfmt ', 8);
  for (const [at, size, value] of [
    [16, 4, 16],
    [20, 2, 1],
    [22, 2, 1],
    [24, 4, rate],
    [28, 4, 2 * rate],
    [32, 2, 2],
    [34, 2, 16],
  ]) {
    bytes.writeUIntLE(value, at, size);
  }
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * values.length, 40);
  values.forEach((value, t) => {
    bytes.writeInt16LE(Math.round(value * 32767), 44 + 2 * t);
  });
  return bytes;
}

mkdirSync(given.out, { recursive: true });
const lines = ['file,onset,offset,label'];
for (let number = 0; number < Number(given.recordings); number++) {
  const { values, events } = recording(number);
  const file = `recording-${String(number).padStart(3, '0')}.wav`;
  writeFileSync(join(given.out, file), wav(values));
  for (const { onset, offset, label } of events)
    lines.push(`${file},${onset.toFixed(3)},${offset.toFixed(3)},${label}`);
}
writeFileSync(`${given.out}.events.csv`, `${lines.join('\n')}\n`);
process.stdout.write(
  `${lines.length - 1} events in ${given.recordings} recordings: ${given.out}, ${given.out}.events.csv\n`,
);
