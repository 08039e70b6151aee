/** Files too large to hold: read by ranges, written piece by piece. */
import type { FileStore } from './store.js';

export interface RangeReader {
  readonly size: number;
  /** The bytes at `at`; fewer where the file ends before. Calls may overlap. */
  read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A file under another name until it is whole: a kill in between leaves what `prepare` clears away. */
export interface PieceWriter {
  /** Bytes given so far. */
  readonly size: number;
  /** The bytes may be changed again when the promise is done. Throws FailureError where they cannot be written. */
  write(bytes: Uint8Array): Promise<void>;
  /** What was written so far, to read. */
  reader(): Promise<RangeReader>;
  /** Gives the file its name, in one step. */
  commit(): Promise<void>;
  /** Takes the file away; makes no difference behind `commit`. */
  discard(): Promise<void>;
}

/** A store that also holds files too large for memory. */
export interface LargeStore extends FileStore {
  /** Undefined where there is no such file. */
  open(name: string): Promise<RangeReader | undefined>;
  create(name: string): Promise<PieceWriter>;
}
