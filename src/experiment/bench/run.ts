/** Runs the cells of a bench, each in a process of its own, so that the peak memory of one is not that of another. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FailureError, InputError } from '../../errors.js';
import type { CellRequest, CellResult } from './cell.js';

const ENTRY = fileURLToPath(new URL('./cellProcess.js', import.meta.url));

/** A cell that could not be measured, with the reason: too little memory, say. */
export interface SkippedCell {
  readonly request: CellRequest;
  readonly reason: string;
}

/** Throws FailureError if the process dies, InputError if the cell does not fit this machine. */
export async function runCell(request: CellRequest): Promise<CellResult> {
  const child = spawn(process.execPath, [...process.execArgv, ENTRY], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(request));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit, signal) => resolve(signal ?? exit ?? 0));
  });
  const { model, sequenceLength } = request.configuration;
  if (code !== 0) {
    throw new FailureError(
      `measuring ${model} at ${sequenceLength} tokens ended with ${code}: too little memory?`,
    );
  }
  const answer = JSON.parse(output) as { result: CellResult } | { error: string; input: boolean };
  if ('result' in answer) return answer.result;
  const message = `${model} at ${sequenceLength} tokens: ${answer.error}`;
  throw answer.input ? new InputError(message) : new FailureError(message);
}
