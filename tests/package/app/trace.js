/** Loaded with --import: writes the URL of every module that is loaded from then on into the file loaded.txt. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  writeFileSync('loaded.txt', '');
  register(import.meta.url);
}

export async function load(url, context, next) {
  appendFileSync('loaded.txt', `${url}\n`);
  return next(url, context);
}
