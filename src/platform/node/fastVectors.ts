/** What V8 has for vectors and keeps behind flags: turned on for a whole process, and only by who owns that process. */
import { setFlagsFromString } from 'node:v8';

/** V8 before relaxed SIMD came without a flag (Node 20). */
const RELAXED_BEHIND_FLAG = '11.3';

/**
 * V8 versions (Node 24, 25, 26) that turn pairs of 128-bit instructions into 256-bit ones on x86-64, on which all tests
 * passed. The feature is experimental: a version may stumble over code that another takes, so each is tried first
 * (tests/engine/tier.test.ts compiles every kernel).
 */
const JOINING = ['13.6', '14.1', '14.6'];

let joining = false;

/** Whether `enableFastVectors` has made V8 join vector instructions. */
export const joinsVectors = (): boolean => joining;

/**
 * Turns on the fastest vector instructions that this version of V8 has, **for the whole process and all its
 * WebAssembly**: relaxed SIMD (fused multiply-add) in Node 20, 256-bit registers in Node 24 to 26 on x86-64. A version
 * that has nothing behind a flag, or is not known to take it, is left alone. To be called before the first model is
 * trained or loaded; the `eft` command does, importing the library never does.
 *
 * A training step of `elastic-fourier` at 512 tokens on one thread of an x86-64 machine, without and with it: 22 and
 * 16 ms in Node 20, 14 and 8.5 ms in Node 24.
 *
 * In Node 20 it also changes the arithmetic: with fused multiply-add the same training ends in other last bits, those
 * of `eft` and of newer versions of Node.
 */
export function enableFastVectors(): void {
  const version = process.versions.v8.split('.', 2).join('.');
  if (version === RELAXED_BEHIND_FLAG) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (JOINING.includes(version) && process.arch === 'x64') {
    setFlagsFromString('--experimental-wasm-revectorize');
    joining = true;
  }
}
