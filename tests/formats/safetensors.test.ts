/** safetensors: what is written is read back; anything damaged is refused as bad input, naming the fault. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  requireParameters,
  type Safetensors,
} from '#eft/formats/safetensors.js';

const bytesOf = (content: Safetensors): Uint8Array => Buffer.concat(encodeSafetensors(content));

/** A file with this header text and data, sound or not. */
function fileOf(header: string, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Buffer.concat([length, json, data]);
}

const NUMBERS = [
  fc.float64Array,
  fc.float32Array,
  fc.int32Array,
  fc.uint32Array,
  fc.uint16Array,
  fc.int8Array,
  fc.uint8Array,
] as const;

const array: fc.Arbitrary<NamedArray> = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.constantFrom(...NUMBERS))
  .chain(([shape, numbersOf]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const numbers = numbersOf({ minLength: count, maxLength: count });
    return (numbers as fc.Arbitrary<NamedArray['data']>).map((data) => ({ shape, data }));
  });

const content: fc.Arbitrary<Safetensors> = fc.record({
  tensors: fc
    .dictionary(fc.string({ unit: 'grapheme' }), array, { maxKeys: 5 })
    .map((tensors) => new Map(Object.entries(tensors).filter(([name]) => name !== '__metadata__'))),
  metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
});

/** Bits, so that NaN and −0 count. */
const bits = ({ data }: NamedArray): number[] => [
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

function expectEqual(found: Safetensors, wanted: Safetensors): void {
  expect([...found.tensors.keys()].sort()).toEqual([...wanted.tensors.keys()].sort());
  for (const [name, tensor] of wanted.tensors) {
    const other = found.tensors.get(name)!;
    expect(other.shape).toEqual(tensor.shape);
    expect(other.data.constructor).toBe(tensor.data.constructor);
    expect(bits(other)).toEqual(bits(tensor));
  }
}

describe('round trip', () => {
  test('any names, shapes and numbers', () => {
    fc.assert(
      fc.property(content, (wanted) => {
        const bytes = bytesOf(wanted);
        expect(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) % 8).toBe(0);
        const found = decodeSafetensors(bytes, 'x');
        expectEqual(found, wanted);
        expect(found.metadata).toEqual({ format: 'pt', ...wanted.metadata });
      }),
      { numRuns: 200 },
    );
  });

  test('a tensor and a key of the metadata may be called __proto__', () => {
    const wanted = {
      tensors: new Map([['__proto__', { shape: [1], data: Float32Array.of(7) }]]),
      metadata: JSON.parse('{"__proto__":"m"}') as Record<string, string>,
    };
    const found = decodeSafetensors(bytesOf(wanted), 'x');
    expectEqual(found, wanted);
    expect(Object.entries(found.metadata)).toContainEqual(['__proto__', 'm']);
  });
});

describe('damage', () => {
  const sample: Safetensors = {
    tensors: new Map<string, NamedArray>([
      ['embed.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['head.bias', { shape: [2], data: Float64Array.of(0.5, -0.5) }],
    ]),
    metadata: { epoch: '3' },
  };
  const sound = bytesOf(sample);
  const headerEnd = 8 + Number(new DataView(sound.buffer, sound.byteOffset).getBigUint64(0, true));

  test('every truncation is refused', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(() => decodeSafetensors(sound.subarray(0, length), 'x')).toThrow(InputError);
    }
  });

  test('a changed byte of the head gives bad input or a read of the same size, never another error', () => {
    fc.assert(
      fc.property(fc.nat(headerEnd - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(sound);
        bytes[at] ^= change;
        try {
          const found = decodeSafetensors(bytes, 'x');
          const size = [...found.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
          expect(size).toBe(sound.length - headerEnd);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes at all are bad input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeSafetensors(bytes, 'x')).toThrow(InputError);
      }),
    );
  });

  const entry = (shape: number[], start: number, end: number, dtype = 'F32'): string =>
    JSON.stringify({ dtype, shape, data_offsets: [start, end] });
  const data = new Uint8Array(16);
  test.each([
    ['a header beyond the file', fileOf('{}').fill(200, 0, 3), 'reaches beyond the file of 10'],
    ['an incredible header', fileOf('{}').fill(255, 0, 8), 'is impossible'],
    ['no JSON', fileOf('{"a":'), 'not JSON'],
    ['no object', fileOf('[]'), 'no object'],
    ['not UTF-8', fileOf('{}  ').fill(0xff, 10), 'not UTF-8'],
    ['metadata that are no strings', fileOf('{"__metadata__":{"a":1}}'), 'metadata are not strings'],
    ['a tensor without offsets', fileOf('{"a":{"dtype":"F32","shape":[1]}}'), "'a' is described wrongly"],
    ['a negative offset', fileOf(`{"a":${entry([1], -4, 0)}}`, data), "'a' is described wrongly"],
    [
      'another type',
      fileOf(`{"a":${entry([8], 0, 16, 'BF16')}}`, data),
      "'a' has type BF16, not F64, F32, I32, U32, F16, I8, U8",
    ],
    ['another size', fileOf(`{"a":${entry([3], 0, 16)}}`, data), "'a' of shape [3] does not take 16 bytes"],
    ['an end before the start', fileOf(`{"a":${entry([4], 16, 0)}}`, data), 'does not take -16 bytes'],
    ['offsets beyond the file', fileOf(`{"a":${entry([8], 0, 32)}}`, data), "'a' ends beyond the file"],
    ['a gap', fileOf(`{"a":${entry([2], 0, 8)},"b":${entry([1], 12, 16)}}`, data), "'b' overlaps"],
    ['an overlap', fileOf(`{"a":${entry([4], 0, 16)},"b":${entry([2], 8, 16)}}`, data), "'b' overlaps"],
    ['bytes of no tensor', fileOf(`{"a":${entry([2], 0, 8)}}`, data), '8 bytes at its end'],
    [
      'a name twice',
      fileOf(`{"a":${entry([4], 0, 16)},"\\u0061":${entry([4], 0, 16)}}`, data),
      "'a' appears twice",
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(InputError);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(/^x\.safetensors is not a sound/);
  });
});

describe('the parameters that a model needs', () => {
  const needed = [{ name: 'a', shape: [2] }];
  const check = (tensors: Record<string, NamedArray>): (() => void) => {
    return () =>
      requireParameters({ tensors: new Map(Object.entries(tensors)), metadata: {} }, '', needed, 'f');
  };
  const good = { shape: [2], data: Float32Array.of(1, 2) };

  test('are taken as float32', () => {
    const double = { shape: [2], data: Float64Array.of(0.1, 2) };
    const found = requireParameters({ tensors: new Map([['a', double]]), metadata: {} }, '', needed, 'f');
    expect(found.get('a')).toEqual(Float32Array.of(0.1, 2));
  });

  test('halves are read as the numbers that they are', () => {
    const half = { shape: [2], data: Uint16Array.of(0x3c00, 0xc000) };
    const found = requireParameters({ tensors: new Map([['a', half]]), metadata: {} }, '', needed, 'f');
    expect(found.get('a')).toEqual(Float32Array.of(1, -2));
    expect(check({ a: { ...half, data: Uint16Array.of(0x3c00, 0x7c00) } })).toThrow(
      "'a' holds Infinity at position 1",
    );
  });

  test.each([
    ['missing', {}, "f: the tensor 'a' is missing"],
    ['of another shape', { a: { ...good, shape: [1, 2] } }, "'a' has shape [1, 2], the model needs [2]"],
    ['NaN', { a: { ...good, data: Float32Array.of(1, Number.NaN) } }, "'a' holds NaN at position 1"],
    [
      'infinite',
      { a: { ...good, data: Float32Array.of(-Infinity, 1) } },
      "'a' holds -Infinity at position 0",
    ],
    [
      'too large for float32',
      { a: { ...good, data: Float64Array.of(1, 1e39) } },
      "'a' holds 1e+39 at position 1",
    ],
    ['too many', { a: good, b: good }, "the tensor 'b' does not belong to this model"],
  ])('%s: refused', (_, tensors, message) => {
    expect(check(tensors)).toThrow(InputError);
    expect(check(tensors)).toThrow(message);
  });
});
