import { InputError } from '../errors.js';
import { type Input, isSignal } from './input.js';

/** Throws InputError on what is no text. */
export function requireText(input: Input): string {
  if (typeof input === 'string') return input;
  throw new InputError(
    `this model takes texts, not ${isSignal(input) ? 'signals' : 'bytes: decode them (new TextDecoder().decode(bytes))'}`,
  );
}
