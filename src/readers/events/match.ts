/** Which events belong to which recording, by the names that files give. */
import { InputError } from '../../errors.js';
import type { FileEvent } from './read.js';

const normal = (name: string): string => name.replaceAll('\\', '/').replace(/^\.\//, '');
const baseOf = (name: string): string => normal(name).slice(normal(name).lastIndexOf('/') + 1);
/** "rec.Table.1.selections.txt" and "rec.wav" are both of "rec". */
const stemOf = (name: string): string => baseOf(name).replace(/(\.Table\.\d+)?(\.selections)?\.[^.]+$/i, '');

/**
 * @param recordings names relative to their folder
 * @param files of intervals; where one does not say which recording it is of, its own name does
 * Throws InputError on events of a recording that is not there, or that several may be meant by.
 */
export function matchRecordings(
  recordings: readonly string[],
  files: readonly { readonly name: string; readonly events: readonly FileEvent[] }[],
): Map<string, FileEvent[]> {
  const byName = new Map<string, FileEvent[]>(recordings.map((name) => [name, []]));
  const index = (key: (name: string) => string): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const name of recordings) found.set(key(name), [...(found.get(key(name)) ?? []), name]);
    return found;
  };
  const [whole, bases, stems] = [index(normal), index(baseOf), index(stemOf)];
  for (const { name: file, events } of files) {
    for (const event of events) {
      const named = event.file;
      const found =
        named !== undefined
          ? (whole.get(normal(named)) ?? bases.get(baseOf(named)) ?? stems.get(stemOf(named)))
          : (stems.get(stemOf(file)) ?? (recordings.length === 1 ? [recordings[0]] : undefined));
      if (found === undefined) {
        throw new InputError(
          named === undefined
            ? `${file} does not say which recording it is of, and none is called ${stemOf(file)}.wav: name it so, or add a column 'file'`
            : `${event.place}: there is no recording '${named}' in the data`,
        );
      }
      if (found.length > 1) {
        throw new InputError(
          `${event.place}: '${named ?? file}' may be ${found.join(' or ')}: say the folder too`,
        );
      }
      byName.get(found[0])!.push(event);
    }
  }
  for (const events of byName.values()) events.sort((a, b) => a.onset - b.onset);
  return byName;
}
