import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { decodeWav } from '#eft/readers/signals/wav.js';
import { wavOf } from './sounds.js';

const LEFT = [0, 0.5, -0.25, 0.75, -1];
const RIGHT = [0.25, -0.5, 0, 0.125, 0.5];

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
    for (const toldBytes of [0, 0xffffffff]) {
      const { channels } = decodeWav(wavOf([LEFT], { toldBytes }), 'a.wav');
      expect([...channels[0]]).toEqual(LEFT);
    }
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
