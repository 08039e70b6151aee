import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { decodeWav } from '#eft/readers/signals/wav.js';
import { wavOf } from './sounds.js';

const LEFT = [0, 0.5, -0.25, 0.75, -1];
const RIGHT = [0.25, -0.5, 0, 0.125, 0.5];

const text = (content: string): number[] => [...new TextEncoder().encode(content)];

const FORMS = [
  { bits: 8 },
  { bits: 16 },
  { bits: 24 },
  { bits: 32 },
  { bits: 32, float: true },
  { bits: 64, float: true },
];

describe('decodeWav', () => {
  it.each(FORMS.flatMap((form) => [form, { ...form, extensible: true }]))(
    'reads every sample of %o',
    (form) => {
      const mono = decodeWav(wavOf([LEFT], form), 'a.wav');
      expect(mono.rate).toBe(8000);
      expect(mono.channels.map((channel) => [...channel])).toEqual([LEFT]);
      const stereo = decodeWav(wavOf([LEFT, RIGHT], { ...form, rate: 44_100 }), 'a.wav');
      expect(stereo.rate).toBe(44_100);
      expect(stereo.channels.map((channel) => [...channel])).toEqual([LEFT, RIGHT]);
    },
  );

  it('reads up to the end where a recorder left the length open', () => {
    for (const toldBytes of [0, 0x7ffff000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff]) {
      const { channels, warning } = decodeWav(wavOf([LEFT], { toldBytes }), 'a.wav');
      expect([...channels[0]]).toEqual(LEFT);
      expect(warning).toBeUndefined();
    }
  });

  it('takes what stands behind an empty part of samples for what it is', () => {
    const empty = wavOf([[]]);
    const behind = Uint8Array.of(...empty, ...new TextEncoder().encode('LIST'), 4, 0, 0, 0, 1, 2, 3, 4);
    expect(() => decodeWav(behind, 'a.wav')).toThrow(/holds no samples/);
  });

  it('reads what is there of a file that is cut off, and says what is missing', () => {
    const cut = wavOf([LEFT, RIGHT]).subarray(0, -7);
    const { channels, warning } = decodeWav(cut, 'a.wav');
    expect(channels.map((channel) => [...channel])).toEqual([LEFT.slice(0, 3), RIGHT.slice(0, 3)]);
    expect(warning).toMatch(/^cut off: 7 of 20 bytes of samples are missing/);
  });

  it('reads parts of odd length also where they are not padded', () => {
    const padded = wavOf([LEFT]);
    // The part in between has 3 bytes and one that pads.
    const bytes = Uint8Array.of(...padded.subarray(0, 47), ...padded.subarray(48));
    expect([...decodeWav(bytes, 'a.wav').channels[0]]).toEqual(LEFT);
  });

  it.each([
    [6, [0xd5, 0x55, 0xaa, 0x2a, 0x80], [8, -8, 32_256, -32_256, 5504]],
    [7, [0xff, 0x80, 0x00, 0xaa, 0x2a], [0, 32_124, -32_124, 5372, -5372]],
  ])('reads G.711 (format %i)', (code, samples, values) => {
    const bytes = wavOf([samples.map((byte) => (byte - 128) / 128)], {
      bits: 8,
      damage: (view) => view.setUint16(20, code, true),
    });
    expect([...decodeWav(bytes, 'a.wav').channels[0]]).toEqual(values.map((value) => value / 32_768));
  });

  it.each(['RF64', 'BW64'])('reads %s, whose lengths stand in a part of their own', (kind) => {
    const plain = wavOf([LEFT], { toldBytes: 0xffffffff });
    const ds64 = new Uint8Array(8 + 28);
    ds64.set(new TextEncoder().encode('ds64'));
    const view = new DataView(ds64.buffer);
    view.setUint32(4, 28, true);
    view.setBigUint64(16, BigInt(2 * LEFT.length), true);
    // Something behind the samples that is none.
    const bytes = Uint8Array.of(...plain.subarray(0, 12), ...ds64, ...plain.subarray(12), 1, 2, 3, 4);
    bytes.set(new TextEncoder().encode(kind));
    expect([...decodeWav(bytes, 'a.wav').channels[0]]).toEqual(LEFT);
  });

  it.each([
    ['MP3', [...text('ID3'), 4, 0]],
    ['MP3', [0xff, 0xfb, 0x90, 0]],
    ['AAC', [0xff, 0xf1, 0x50, 0]],
    ['FLAC', text('fLaC')],
    ['Ogg', text('OggS')],
    ['MPEG-4 audio', [0, 0, 0, 32, ...text('ftypM4A ')]],
    ['AIFF', text('FORM\0\0\0\0AIFF')],
    ['Sun audio', text('.snd')],
    ['NIST SPHERE', text('NIST_1A')],
    ['Matroska or WebM', [0x1a, 0x45, 0xdf, 0xa3]],
    ['a film', text('RIFF\0\0\0\0AVI ')],
  ])('says what a file is that is only called .wav: %s', (what, begins) => {
    const bytes = Uint8Array.of(...begins, ...new Uint8Array(64));
    expect(() => decodeWav(bytes, 'a.wav')).toThrow(InputError);
    expect(() => decodeWav(bytes, 'a.wav')).toThrow(
      new RegExp(`^a\\.wav: this is not a WAV file but ${what}.*; convert it \\(ffmpeg`),
    );
  });

  it.each([
    ['Git LFS', text('version https://git-lfs.github.com/spec/v1\n')],
    ['web page', text('<!DOCTYPE html>')],
    ['gunzip', [0x1f, 0x8b, 8]],
  ])('says what is no sound at all: %s', (what, begins) => {
    expect(() => decodeWav(Uint8Array.of(...begins, ...new Uint8Array(64)), 'a.wav')).toThrow(what);
  });

  it.each([
    [
      'a header that lies about the size',
      wavOf([LEFT], { toldBytes: 400 }),
      /400 bytes of samples, 10 are there.*cut off/,
    ],
    ['no channels', wavOf([LEFT], { damage: (view) => view.setUint16(22, 0, true) }), /0 channels/],
    ['no rate', wavOf([LEFT], { damage: (view) => view.setUint32(24, 0, true) }), /0 samples a second/],
    [
      'a block that does not fit',
      wavOf([LEFT], { damage: (view) => view.setUint16(32, 7, true) }),
      /says 7 bytes a sample/,
    ],
    ['12 bits', wavOf([LEFT], { damage: (view) => view.setUint16(34, 12, true) }), /PCM of 12 bits.*ffmpeg/],
    ['A-law', wavOf([LEFT], { damage: (view) => view.setUint16(20, 6, true) }), /A-law.*ffmpeg/],
    ['big-endian', wavOf([LEFT], { damage: (view) => view.setUint8(3, 0x58) }), /RIFX.*ffmpeg/],
    ['no samples', wavOf([[]]), /holds no samples/],
    ['another kind of file', new TextEncoder().encode('OggS and so on, more of it'), /not a WAV file/],
    ['nothing', new Uint8Array(0), /not a WAV file/],
    ['a header alone', wavOf([LEFT]).subarray(0, 40), /no part 'data'|cut off/],
    [
      'samples before the format',
      wavOf([LEFT]).map((byte, i) => (i === 12 ? 0x78 : byte)),
      /before their format/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeWav(bytes, 'a.wav')).toThrow(InputError);
    expect(() => decodeWav(bytes, 'a.wav')).toThrow(message);
    expect(() => decodeWav(bytes, 'a.wav')).toThrow(/^a\.wav: /);
  });

  it('answers or refuses whatever is done to a file', () => {
    const whole = wavOf([LEFT, RIGHT], { bits: 24, extensible: true });
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        try {
          const { channels } = decodeWav(bytes, 'a.wav');
          expect(channels[0].length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
