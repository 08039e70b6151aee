import { expect, test } from 'vitest';
import { exportedNames, nameFaults } from '../scripts/names.js';

const file = (name: string, text: string) => ({ name: `src/${name}`, text });

test('exported declarations are found, re-exports and what is not exported are not', () => {
  const text = `
    export const a = 1, b = 2;
    export function c(): void {}
    export async function* d() {}
    export class E {}
    export interface F {}
    export type G = string;
    export type { H } from './h.js';
    export * from './i.js';
    const J = 1;
  `;
  expect(exportedNames(file('x.ts', text))).toEqual(['a', 'b', 'c', 'd', 'E', 'F', 'G']);
});

test('a name that two files export is a fault', () => {
  const twins = [file('a/x.ts', 'export type Part = 1;'), file('b/y.ts', 'export interface Part {}')];
  expect(nameFaults(twins)).toEqual([
    'Part is exported by src/a/x.ts and src/b/y.ts: give each a name of its own',
  ]);
  expect(nameFaults([twins[0], file('b/y.ts', "export { Part } from '../a/x.js';")])).toEqual([]);
});

test('parts of an operation, commands and entries of the package share names by contract', () => {
  const parts = ['program', 'engine/reference', 'engine/wasm'];
  expect(
    nameFaults(parts.map((room) => file(`${room}/operations/norm.ts`, 'export const norm = 1;'))),
  ).toEqual([]);
  expect(
    nameFaults(['train', 'serve'].map((name) => file(`cli/${name}.ts`, 'export function command() {}'))),
  ).toEqual([]);
  expect(
    nameFaults(['node.ts', 'learning/train.ts'].map((name) => file(name, 'export const train = 1;'))),
  ).toEqual([]);
});
