/** Which program this is. */
import { readFileSync } from 'node:fs';
import type { Origin } from '../report/document.js';

const root = new URL('../../', import.meta.url);

/** As package.json says. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version;
}

/** The version with the commit it was built from, where the build knows it: what must be the same on all machines of a queue. */
export function exactVersion(): string {
  const { version, commit } = originNow();
  return commit === undefined ? version : `${version}+${commit.trim()}`;
}

/** What pages written now say of the program; the build leaves the commit where it knows it. */
export function originNow(): Origin {
  const version = programVersion();
  const date = new Date();
  try {
    return { version, date, commit: readFileSync(new URL('dist/commit', root), 'utf8') };
  } catch {
    return { version, date };
  }
}
