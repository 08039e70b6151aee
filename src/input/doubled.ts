/** Typed arrays that get more room. */

type Room = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** The same numbers, with as much room again behind them. */
export function doubled<T extends Room>(values: T): T {
  const Kind = values.constructor as new (length: number) => T;
  const larger = new Kind(2 * values.length);
  larger.set(values);
  return larger;
}
