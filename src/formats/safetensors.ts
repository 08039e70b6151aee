/**
 * safetensors: named arrays in one file. u64 length of a JSON header, the header {name: {dtype, shape, data_offsets}},
 * the data. Bytes only. Read strictly: everything the header says is checked before it is believed.
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { elementCount } from '../program/program.js';
import { fromFloat16 } from './float16.js';

/** Types of numbers, by their names in the format. */
const TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  /** The bits of halves. */
  F16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;
type TypeName = keyof typeof TYPES;

export interface NamedArray {
  readonly shape: readonly number[];
  readonly data:
    | Float64Array
    | Float32Array
    | Int32Array
    | Uint32Array
    | Uint16Array
    | Int8Array
    | Uint8Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NamedArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the format's own reader allows. */
const MOST_HEADER_BYTES = 100_000_000;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().check(z.nonnegative())),
  data_offsets: z.tuple([z.int().check(z.nonnegative()), z.int().check(z.nonnegative())]),
});

/** The file's content as parts; `metadata` values are strings. PyTorch's loaders look for `format: "pt"`. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array[] {
  const entries: [string, unknown][] = [['__metadata__', { format: 'pt', ...metadata }]];
  let offset = 0;
  const parts: Uint8Array[] = [];
  // Wide numbers first, so that every tensor begins on a multiple of its numbers' size.
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  for (const [name, { shape, data }] of ordered) {
    const [dtype] = Object.entries(TYPES).find(([, type]) => data instanceof type)!;
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Built from entries, so that a tensor may have any name, '__proto__' too.
  const text = JSON.stringify(Object.fromEntries(entries));
  // Spaces behind the header start the data on a multiple of 8 bytes.
  const json = new TextEncoder().encode(text);
  const padding = (8 - (json.length % 8)) % 8;
  const head = new Uint8Array(8 + json.length + padding).fill(32);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length + padding), true);
  head.set(json, 8);
  return [head, ...parts];
}

/** @param file what to call it in messages. Throws InputError on anything that is not a sound safetensors file. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const refuse = (reason: string): never => {
    throw new InputError(`${file} is not a sound safetensors file: ${reason}`);
  };
  if (bytes.length < 8) return refuse(`it has ${bytes.length} bytes, the header's length alone takes 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated = view.getBigUint64(0, true);
  if (stated > BigInt(MOST_HEADER_BYTES)) return refuse(`a header of ${stated} bytes is impossible`);
  const length = Number(stated);
  if (8 + length > bytes.length) {
    return refuse(
      `its header of ${length} bytes reaches beyond the file of ${bytes.length}: truncated or foreign`,
    );
  }
  const text = decodeUtf8(bytes.subarray(8, 8 + length)) ?? refuse('its header is not UTF-8');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return refuse('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return refuse('its header is no object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) return refuse(`tensor '${repeated}' appears twice in its header`);
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, NamedArray>();
  let metadata: Record<string, string> = {};
  const spans: { name: string; start: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isStrings(value)) return refuse('its metadata are not strings');
      metadata = value;
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) return refuse(`tensor '${name}' is described wrongly`);
    const { dtype, shape, data_offsets } = parsed.data;
    const [start, end] = data_offsets;
    if (!Object.hasOwn(TYPES, dtype)) {
      return refuse(`tensor '${name}' has type ${dtype}, not ${Object.keys(TYPES).join(', ')}`);
    }
    const type = TYPES[dtype as TypeName];
    if (end - start !== elementCount(shape) * type.BYTES_PER_ELEMENT) {
      return refuse(`tensor '${name}' of shape [${shape.join(', ')}] does not take ${end - start} bytes`);
    }
    if (end > data.length) return refuse(`tensor '${name}' ends beyond the file: truncated`);
    spans.push({ name, start, end });
    // Not `slice`: a Buffer's would share the memory.
    const copy = new Uint8Array(data.subarray(start, end)).buffer;
    tensors.set(name, { shape, data: new type(copy) });
  }
  let next = 0;
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== next) return refuse(`tensor '${name}' overlaps another or leaves a gap`);
    next = end;
  }
  if (next !== data.length) return refuse(`${data.length - next} bytes at its end belong to no tensor`);
  return { tensors, metadata };
}

/** The first key that stands twice in an object of JSON text known to be sound: `JSON.parse` keeps the last alone. */
function repeatedKey(json: string): string | undefined {
  const keys = new Set<string>();
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') depth++;
    else if (json[i] === '}') depth--;
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      // A string at this depth that is no key would be the value of a tensor, which must be an object.
      if (depth !== 1) continue;
      const name = JSON.parse(json.slice(start, i + 1)) as string;
      if (keys.has(name)) return name;
      keys.add(name);
    }
  }
  return undefined;
}

/** Not by zod, which drops a key `__proto__`. */
function isStrings(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function float32Of(data: NamedArray['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  return data instanceof Uint16Array ? fromFloat16(data) : Float32Array.from(data);
}

/**
 * The arrays of `tensors` whose names begin with `prefix`, by the names behind it, checked against the parameters
 * they must be: none missing, none too many, right shapes, finite numbers. Throws InputError naming the first fault.
 */
export function requireParameters(
  { tensors }: Safetensors,
  prefix: string,
  parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
  file: string,
): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const { name, shape } of parameters) {
    const tensor = tensors.get(prefix + name);
    if (tensor === undefined) throw new InputError(`${file}: the tensor '${prefix}${name}' is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw new InputError(
        `${file}: the tensor '${prefix}${name}' has shape [${tensor.shape.join(', ')}], the model needs [${shape.join(', ')}]`,
      );
    }
    const values = float32Of(tensor.data);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const held = tensor.data instanceof Uint16Array ? values[bad] : tensor.data[bad];
      throw new InputError(
        `${file}: the tensor '${prefix}${name}' holds ${held} at position ${bad}, which is no float32 number: the file is damaged or its training had diverged`,
      );
    }
    found.set(name, values);
  }
  const known = new Set(parameters.map(({ name }) => prefix + name));
  for (const name of tensors.keys()) {
    if (name.startsWith(prefix) && !known.has(name)) {
      throw new InputError(`${file}: the tensor '${name}' does not belong to this model`);
    }
  }
  return found;
}
