/** Loads what usage.ts saved and predicts: the least that a user does. */
import { load } from 'elastic-fourier';

const classifier = await load('run', { threads: 1 });
process.stdout.write(JSON.stringify(await classifier.predict('a free cruise')));
await classifier.dispose();
