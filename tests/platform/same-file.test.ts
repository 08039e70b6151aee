/** No output is an input, whatever path or link names it. */
import { link, mkdir, symlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { requireNoInput } from '#eft/platform/node/sameFile.js';
import { temporaryFolder } from '../temporary-folder.js';

const { at, write } = temporaryFolder();

beforeAll(async () => {
  await write('in.csv', 'a');
  await write('other.csv', 'b');
  await write('data/cats/1.txt', 'c');
  await write('data/cats/2.txt', 'd');
  await write('linked.txt', 'e');
  await symlink(at('in.csv'), at('symlink.csv'));
  await link(at('in.csv'), at('hardlink.csv'));
  await symlink(at('nowhere.csv'), at('dangling.csv'));
  await symlink(at('data'), at('folder-link'));
  await link(at('data/cats/2.txt'), at('second-name.txt'));
  await symlink(at('linked.txt'), at('data/cats/3.txt'));
  await mkdir(at('data/.cache'));
});

test.each(['in.csv', './in.csv', 'data/../in.csv', 'symlink.csv', 'hardlink.csv'])(
  'an input by the name %s is refused, as output and as input',
  async (name) => {
    const path = name.startsWith('./') ? `./${relative('.', at('in.csv'))}` : at(name);
    await expect(requireNoInput([at('new.csv'), path], [at('in.csv')])).rejects.toThrow(InputError);
    await expect(requireNoInput([at('in.csv')], [at('other.csv'), path])).rejects.toThrow(
      'it would be overwritten',
    );
  },
);

test.each([
  ['data', 'it would be overwritten'],
  ['data/cats/1.txt', 'would be in'],
  ['data/new.csv', 'would be in'],
  ['data/new/deep/run', 'would be in'],
  ['folder-link/cats/new.txt', 'would be in'],
  // By a second name, and by the link that is data.
  ['second-name.txt', 'it would be overwritten'],
  ['linked.txt', 'it would be overwritten'],
])('in a folder of data: %s', async (name, message) => {
  for (const folder of ['data', 'folder-link']) {
    await expect(requireNoInput([at(name)], [at(folder)])).rejects.toThrow(message);
  }
});

test('other files are free: there or not, beside the data, hidden in it, or where a link leads nowhere', async () => {
  const outputs = ['other.csv', 'new.csv', 'run/new', 'dangling.csv', 'data/.cache/x', 'data2'].map(at);
  await expect(requireNoInput(outputs, [at('in.csv'), at('data'), at('not-there')])).resolves.toBeUndefined();
});
