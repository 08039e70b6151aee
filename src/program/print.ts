/** A program as readable text, one operation a line. */
import type { Program, TensorId } from './program.js';

export function printProgram(program: Program): string {
  const show = (id: TensorId): string => {
    const { name, rows, columns, role } = program.tensors[id];
    return role === 'activation' ? `%${id} ${name}[${rows}, ${columns}]` : `'${name}'`;
  };
  return program.operations
    .map(({ kind, inputs, outputs, attributes }) => {
      const results = Object.entries(outputs).map(([key, id]) => `${key}: ${show(id)}`);
      const operands = Object.entries(inputs).map(([key, id]) => `${key}: ${show(id)}`);
      const settings = Object.entries(attributes).map(([key, value]) => `${key} = ${value}`);
      return `${results.join(', ')} = ${kind}(${[...operands, ...settings].join(', ')})`;
    })
    .join('\n');
}
