/** Decodes NumPy's .npy: one array of numbers, versions 1 to 3. */
import { InputError } from '../../errors.js';

export interface NumpyArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float64Array;
}

type Read = (view: DataView, at: number) => number;

/** By NumPy's type code without the byte order: bytes a number, and how one is read (little-endian). */
const TYPES: Readonly<Record<string, readonly [number, Read]>> = {
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
  i1: [1, (view, at) => view.getInt8(at)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
  u1: [1, (view, at) => view.getUint8(at)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
};

const ADVICE = "save it anew (numpy.save('FILE.npy', numpy.ascontiguousarray(x, dtype='float32')))";

/** Throws InputError naming what is wrong with the file. */
export function decodeNpy(bytes: Uint8Array, place: string): NumpyArray {
  const refuse = (fault: string): never => {
    throw new InputError(`${place}: ${fault}`);
  };
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    refuse('this is not a .npy file: it does not begin with \\x93NUMPY');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (start + length > bytes.length) refuse('its header goes beyond the end of the file: it is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const type = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (type === null || order === null || shape === null) {
    return refuse(`its header does not say type, order and shape of plain numbers; ${ADVICE}`);
  }
  const known = Object.hasOwn(TYPES, type[2]) ? TYPES[type[2]] : undefined;
  if (known === undefined || type[1] === '>') {
    return refuse(`its numbers are of type '${type[1]}${type[2]}', which is not read; ${ADVICE}`);
  }
  const sizes = (shape[1].match(/\d+/g) ?? []).map(Number);
  if (order[1] === 'True' && sizes.length > 1) return refuse(`it is in Fortran's order; ${ADVICE}`);
  const [width, read] = known;
  const count = sizes.reduce((product, size) => product * size, 1);
  const there = bytes.length - start - length;
  if (count * width !== there) {
    return refuse(
      `its header says ${count * width} bytes of numbers, ${there} are there: the file is damaged`,
    );
  }
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, start + length + i * width);
  return { shape: sizes, values };
}
