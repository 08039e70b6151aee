/** Node's side of tab.js: reads an order a line, answers with the seconds of its epochs. */
import { createInterface } from 'node:readline';
import { enableFastVectors } from 'elastic-fourier';
import { timedEpochs } from './tabTraining.js';

if (process.argv[2] === 'fast') enableFastVectors();
process.stdout.write(`${JSON.stringify({ version: process.version })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify({ seconds: await timedEpochs(JSON.parse(line)) })}\n`);
}
process.exit(0);
