import { describe, expect, it } from 'vitest';
import { signalLayout } from '#eft/readers/disk/signalFolder.js';

const found = (paths: readonly string[]) =>
  [...paths].sort().map((path) => ({ path: `set/${path}`, parts: path.split('/') }));

const layout = (paths: readonly string[], labelled = true, labelFrom?: string) =>
  signalLayout('set', found(paths), { labelled, labelFrom });

describe('signalLayout', () => {
  it('leaves out files that are no signals, and names them', () => {
    const { files, notes } = layout(['README.md', 'a/1.wav', 'a/notes.txt', 'b/2.npy', 'meta.csv', 'x.json']);
    expect(files).toEqual([
      { path: 'set/a/1.wav', label: 'a' },
      { path: 'set/b/2.npy', label: 'b' },
    ]);
    expect(notes).toEqual(['not read: README.md, a/notes.txt, meta.csv and 1 more']);
  });

  it('counts sounds of other formats, and says what to do', () => {
    const others = ['a/2.mp3', 'a/3.MP3', 'a/4.flac', 'b/5.ogg', 'b/6.m4a', 'b/7.opus', 'b/8.aiff', 'b/9.au'];
    const { files, notes } = layout(['a/1.wav', 'b/1.wav', ...others]);
    expect(files).toHaveLength(2);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /^sounds not read: 2 MP3, 1 FLAC, 1 Ogg, .*1 Opus, 1 AIFF, 1 Sun audio \(a\/2\.mp3, .* and 5 more\); convert each \(ffmpeg/,
    );
    expect(() => layout(others)).toThrow(
      /^set: no \.wav or \.npy files in it, but sounds that are not read \(2 MP3, .*ffmpeg/,
    );
    expect(() => layout(others, false)).toThrow(/sounds that are not read/);
  });

  it('needs no classes for prediction: flat and nested folders in order of their paths', () => {
    const { files, notes } = layout(['b.wav', 'a.wav', 'c/d/e.wav', 'README.md'], false);
    expect(files).toEqual([{ path: 'set/a.wav' }, { path: 'set/b.wav' }, { path: 'set/c/d/e.wav' }]);
    expect(notes).toEqual(['not read: README.md']);
    expect(() => layout(['b.wav', 'a.wav'])).toThrow(/set\/a\.wav: which class is this\?/);
  });

  it('takes parts and classes from folders, also from deeper ones', () => {
    const { files, notes } = layout(['train/a/x/1.wav', 'train/b/2.wav', 'test/a/3.wav', 'test/4.wav']);
    expect(files).toEqual([
      { path: 'set/test/a/3.wav', label: 'a', split: 'test' },
      { path: 'set/train/a/x/1.wav', label: 'a', split: 'train' },
      { path: 'set/train/b/2.wav', label: 'b', split: 'train' },
    ]);
    expect(notes).toEqual(['not read: test/4.wav']);
    expect(() => layout(['train/1.wav', 'test/2.wav'])).toThrow(/hold no folders of classes/);
  });

  it('takes one format of an archive, and says which files it leaves', () => {
    const { tables, notes } = layout([
      'S.txt',
      'S_TRAIN.arff',
      'S_TEST.arff',
      'S_TRAIN.ts',
      'S_TEST.ts',
      'S_TRAIN.txt',
    ]);
    expect(tables).toEqual([
      { path: 'set/S_TEST.ts', split: 'test' },
      { path: 'set/S_TRAIN.ts', split: 'train' },
    ]);
    expect(notes).toEqual(['not read: S.txt, S_TEST.arff, S_TRAIN.arff and 1 more']);
    expect(layout(['old_TRAIN.txt', 'old_TEST.txt', 'README.txt']).tables).toHaveLength(2);
    expect(() => layout(['README.txt'])).toThrow(/nor tables of series/);
  });
});
