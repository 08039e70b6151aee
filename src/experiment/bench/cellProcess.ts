/** Entry of the process that measures one cell: a request as JSON on standard input, the result on standard output. */
import { text } from 'node:stream/consumers';
import { InputError } from '../../errors.js';
import { enableFastVectors } from '../../platform/node/fastVectors.js';
import { type CellRequest, measureCell } from './cell.js';

enableFastVectors();
try {
  const result = await measureCell(JSON.parse(await text(process.stdin)) as CellRequest);
  process.stdout.write(`${JSON.stringify({ result })}\n`);
} catch (error) {
  const { message } = error as Error;
  process.stdout.write(`${JSON.stringify({ error: message, input: error instanceof InputError })}\n`);
}
