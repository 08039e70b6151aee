/** What readers ask of a disk. Imported as `#disk`: package.json picks Node's, or what says that there is none. */
import type { RawExample, ReadingOptions } from '../data/dataset.js';
import type { Source, SourceGroup, Wanted } from './source.js';

/** What a path stands for. */
export interface PathGroup extends SourceGroup {
  /** Known examples, instead of files: a built-in dataset. */
  readonly examples?: readonly RawExample[] | undefined;
  /** How those are read. */
  readonly reading?: ReadingOptions | undefined;
  /** Files that are no data, relative to the path. */
  readonly leftOut?: readonly string[] | undefined;
  /** Number of files without a label. */
  readonly unlabelled?: number | undefined;
  /** What was guessed and what is not read, one line of English each. */
  readonly notes?: readonly string[] | undefined;
}

/** A pipe as Node has it. */
export type Pipe = AsyncIterable<Uint8Array>;

export interface Disk {
  /** One group a path, in order; patterns are expanded. Throws InputError on what is not there, or holds no such data. */
  groupsOf(named: readonly string[], wanted: Wanted): AsyncIterable<PathGroup>;
  /** What the data at these paths hold, by their names and what lies in their folders. */
  kindOf(named: readonly string[]): Promise<'text' | 'signal'>;
  /** Whether these are folders of files by class, not tables. Throws InputError on what is not there. */
  areFolders(named: readonly string[]): Promise<boolean>;
  /** Throws InputError where so much data do surely not fit into memory. @param what they are: 'text', 'files' */
  requireRoom(named: readonly string[], name: string, what: string): Promise<void>;
  /** What comes through a pipe: standard input, or a part of a file. */
  pipeSource(name: string, pipe: Pipe): Source;
}

export declare const disk: Disk;
