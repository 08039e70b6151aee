/** Texts without labels: models with vectors of words know words from them that no label was seen with. */
import { expect, test } from 'vitest';
import { train } from '#eft/learning/train.js';
import { RandomStream } from '#eft/random.js';
import { EXHAUSTIVE } from '../exhaustive.js';

const KINDS = ['good', 'bad'];
/** Words of a kind: those below 5 stand in labelled texts, all of them in others. */
const WORDS = 10;

/** Some words of one kind among others that mean nothing. */
function text(random: RandomStream, kind: string, first: number): string {
  const words = Array.from({ length: 8 }, () => `w${random.nextInteger(30)}`);
  for (let i = 0; i < 3; i++) {
    words.splice(random.nextInteger(words.length), 0, `${kind}${first + random.nextInteger(WORDS - 5)}`);
  }
  return words.join(' ');
}

function labelled(count: number, seed: number, first: number): { text: string; label: string }[] {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i) => ({
    text: text(random, KINDS[i % 2], first),
    label: KINDS[i % 2],
  }));
}

function unlabelled(count: number): string[] {
  const random = new RandomStream(9, 'test');
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 8 }, () => `${KINDS[i % 2]}${random.nextInteger(WORDS)}`).join(' '),
  );
}

const OPTIONS = {
  data: labelled(400, 1, 0),
  validation: labelled(100, 2, 0),
  sequenceLength: 16,
  epochs: 6,
  seed: 1,
  threads: 1,
} as const;

test.each([
  { model: 'elastic', channels: 16, bank: 32, deepOnly: true },
  ...(EXHAUSTIVE
    ? ([
        { model: 'elastic-fourier', channels: 16, hidden: 16, blocks: 1, dropout: 0, wordDropout: 0 },
      ] as const)
    : []),
] as const)('$model tells words apart that only unlabelled texts have', async (shape) => {
  const unseen = labelled(200, 3, 5);
  const accuracy = async (more: object): Promise<number> => {
    const classifier = await train({ ...OPTIONS, ...shape, ...more });
    const answers = await classifier.predict(unseen.map((example) => example.text));
    await classifier.dispose();
    return answers.filter(([{ label }], i) => label === unseen[i].label).length / unseen.length;
  };
  expect(await accuracy({})).toBeLessThan(0.65);
  expect(await accuracy({ unlabelled: unlabelled(600) })).toBeGreaterThan(0.9);
});

test('are refused where they would mean nothing', async () => {
  const more = { ...OPTIONS, unlabelled: unlabelled(10) };
  await expect(train({ ...more, model: 'linear' })).rejects.toThrow(
    "model 'linear' cannot use unlabelled texts; these can: elastic",
  );
  await expect(train({ ...more, model: 'elastic', tokenizer: 'bytes' })).rejects.toThrow('not read as words');
});
