/** What a served model reads: its requests, its description and its page follow from it. */
import type { Classifier } from '../inference/classifier.js';
import type { InputKind } from '../input/input.js';

export interface Accepted {
  readonly kind: InputKind;
  /** Of texts: the fields that it reads together, if it was trained on several. */
  readonly fields?: readonly string[] | undefined;
  /** Of signals: numbers a step. */
  readonly channels?: number | undefined;
  /** Of signals: steps a second, where it is known. */
  readonly rate?: number | undefined;
}

export const TEXTS: Accepted = { kind: 'text' };

export function acceptedBy({ inputKind, signalShape, reading: { fields } }: Classifier): Accepted {
  if (inputKind === 'signal') return { kind: inputKind, ...signalShape };
  return fields === undefined ? { kind: inputKind } : { kind: inputKind, fields };
}

/** What one input is called, and several. */
export const NOUNS = {
  text: ['text', 'texts'],
  bytes: ['input', 'inputs'],
  signal: ['signal', 'signals'],
} as const satisfies Readonly<Record<InputKind, readonly [one: string, several: string]>>;

/** Media types of bodies that are one input, beside JSON. None of them may come from a page elsewhere unasked. */
export function mediaTypesOf({ kind }: Accepted): readonly string[] {
  if (kind === 'signal') return ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'];
  return kind === 'bytes' ? ['application/octet-stream'] : [];
}

/** What may stand as `inputs`, for messages. */
export function describeAccepted({ kind, channels = 1, fields }: Accepted): string {
  if (kind === 'signal') {
    const numbers = channels === 1 ? '[0.1, 0.2, …]' : `[[${channels} numbers of a step], …]`;
    return `send {"inputs": ${numbers}}, {"inputs": {"values": …}}, or an array of such signals`;
  }
  if (fields === undefined) return 'send {"inputs": "a text"} or {"inputs": […]}';
  const named = fields.map((field) => `${JSON.stringify(field)}: "…"`).join(', ');
  return `send {"inputs": {${named}}}, {"inputs": "a text"}, or an array of such`;
}
