/** A trained model as one ONNX file: from token ids and lengths to logits, any batch, any number of tokens up to n. */
import { InputError } from '../../errors.js';
import type { Encoder } from '../../input/encoder.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import { lowerInference } from '../../model/lowering.js';
import type { Operation, Program, TensorId } from '../../program/program.js';
import type { SavedModel } from '../runFolder.js';
import { OnnxGraph, type Value } from './graph.js';
import { MAPPINGS, type Parameter, type Sequence, type Site } from './operations.js';

type Trained = { readonly encoder: Encoder; readonly parameters: ReadonlyMap<string, Float32Array> };

/**
 * Inputs: `input_ids` [batch, tokens] int64, padded with 0 to the longest; `lengths` [batch] int64; and for encoders
 * that weight, `weights` [batch, tokens] float. For signals, `frames` [batch, tokens, width] float instead of ids. A
 * model of two paths has a set for each, those of the linear path with `linear_` before the names. A row of length 0 is
 * answered as an empty text is. Output: `logits` [batch, classes], divided by the temperature: their softmax are the
 * scores that `predict` gives; of a model of any number of labels, their sigmoids, and the metadata have the thresholds.
 */
export function onnxModel(saved: SavedModel, version: string): Uint8Array {
  const { config, linear, decision, temperature = 1 } = saved;
  const graph = new OnnxGraph();
  const paths: Value[] = [];
  if (linear?.fusion.deep !== 0) paths.push(emitPath(graph, '', config.model, saved));
  if (linear !== undefined) paths.push(emitPath(graph, 'linear_', linear.model, linear));
  const sum = paths.length === 1 ? paths[0] : graph.node('Add', paths);
  const calibrated = temperature === 1 ? sum : graph.node('Div', [sum, graph.scalar(temperature)]);
  const logits = graph.node('Squeeze', [calibrated, graph.integers(1)]);
  graph.output({ name: 'logits', type: 'float', dims: ['batch', config.classes.length] }, logits);
  return graph.encode(version, {
    labels: JSON.stringify(config.classes),
    ...(config.model.multiLabel ? { problem_type: 'multi_label_classification' } : {}),
    ...(decision === undefined ? {} : { thresholds: JSON.stringify(decision.thresholds) }),
    model: config.model.model,
    sequence_length: String(config.model.sequenceLength),
  });
}

/** Logits of one path, [batch, 1, classes]. */
function emitPath(graph: OnnxGraph, prefix: string, model: ModelConfiguration, trained: Trained): Value {
  const program = lowerInference(model);
  const sequence = inputsOf(graph, prefix, program, trained.encoder);
  const values = new Map<TensorId, Value>();
  for (const operation of program.operations) {
    const mapping = (MAPPINGS as Readonly<Record<string, ((site: Site) => Value) | undefined>>)[
      operation.kind
    ];
    if (mapping === undefined)
      throw new InputError(`ONNX has no form of the operation ${operation.kind} yet`);
    const site = siteOf(graph, prefix, sequence, program, operation, trained, values);
    values.set(Object.values(operation.outputs)[0], mapping(site));
  }
  return values.get(program.logits)!;
}

function inputsOf(
  graph: OnnxGraph,
  prefix: string,
  { sequenceLength, operations }: Program,
  encoder: Encoder,
): Sequence {
  const dims = ['batch', `${prefix}tokens`];
  const frames = operations.find(({ kind }) => kind === 'frames');
  const weighted = operations.some(({ kind }) => kind === 'weightedSum');
  const contentInput =
    frames === undefined
      ? graph.input({ name: `${prefix}input_ids`, type: 'int64', dims })
      : graph.input({ name: `${prefix}frames`, type: 'float', dims: [...dims, frames.attributes.width] });
  const lengthInput = graph.input({ name: `${prefix}lengths`, type: 'int64', dims: ['batch'] });
  const weightInput = weighted ? graph.input({ name: `${prefix}weights`, type: 'float', dims }) : undefined;
  const padded = atLeastOneRow(graph, contentInput, frames === undefined ? 2 : 3);
  const tokens = graph.node('Shape', [padded], { start: 1, end: 2 });
  const scalarTokens = graph.node('Squeeze', [tokens, graph.integers(0)]);
  const places = graph.node('Range', [graph.integer(0), scalarTokens, graph.integer(1)]);
  // A mean over no rows is none: a sequence without tokens has the one that the encoder gives an empty text.
  const lengths = graph.node('Unsqueeze', [
    graph.node('Max', [lengthInput, graph.integers(1)]),
    graph.integers(1, 2),
  ]);
  const unfilled = graph.node('And', [
    graph.node('Unsqueeze', [graph.node('Less', [lengthInput, graph.integers(1)]), graph.integers(1)]),
    graph.node('Unsqueeze', [graph.node('Equal', [places, graph.integer(0)]), graph.integers(0)]),
  ]);
  const emptyText = frames === undefined ? encoder.encode('', 1) : undefined;
  const content =
    emptyText === undefined
      ? padded
      : graph.node('Where', [unfilled, graph.integer(emptyText.ids[0]), padded]);
  const weights =
    weightInput === undefined
      ? undefined
      : graph.node('Where', [
          unfilled,
          graph.scalar(emptyText?.weights?.[0] ?? 0),
          atLeastOneRow(graph, weightInput, 2),
        ]);
  const valid = graph.node('Less', [graph.node('Unsqueeze', [places, graph.integers(0, 2)]), lengths]);
  const toFloat = (value: Value): Value => graph.node('Cast', [value], { to: 1 });
  const rowIds = (): Value =>
    graph.node('Cast', [graph.node('Squeeze', [valid, graph.integers(2)])], { to: 7 });
  return {
    content,
    ids: () => (frames === undefined ? content : rowIds()),
    weights,
    valid,
    mask: toFloat(valid),
    lengths: toFloat(lengths),
    tokens,
    positions: toFloat(graph.node('Unsqueeze', [places, graph.integers(0, 2)])),
    sequenceLength,
  };
}

/** The tensor, with a row of zeros where a batch of empty sequences has none: [batch, 0, …] to [batch, 1, …]. */
function atLeastOneRow(graph: OnnxGraph, tensor: Value, dimensions: 2 | 3): Value {
  const rows = graph.node('Shape', [tensor], { start: 1, end: 2 });
  const missing = graph.node('Sub', [graph.integers(1), graph.node('Min', [rows, graph.integers(1)])]);
  const before = graph.integers(...new Array<number>(dimensions + 1).fill(0));
  const parts = dimensions === 2 ? [before, missing] : [before, missing, graph.integers(0)];
  return graph.node('Pad', [tensor, graph.node('Concat', parts, { axis: 0 })]);
}

function siteOf(
  graph: OnnxGraph,
  prefix: string,
  sequence: Sequence,
  { tensors }: Program,
  { inputs, outputs, attributes }: Operation,
  { parameters }: Trained,
  values: ReadonlyMap<TensorId, Value>,
): Site {
  const fixedRows = (id: TensorId): number => {
    const { rows, name } = tensors[id];
    if (rows === 'tokens') throw new Error(`internal: the rows of ${name} are not fixed`);
    return rows;
  };
  const parameterOf = (id: TensorId): Parameter => {
    const { parameter, columns } = tensors[id];
    return {
      name: prefix + parameter!,
      rows: fixedRows(id),
      columns,
      values: parameters.get(parameter!)!,
    };
  };
  const constant = (id: TensorId, asVector: boolean): Value => {
    const { name, rows, columns, values: numbers } = parameterOf(id);
    const dims = asVector ? [rows * columns] : [rows, columns];
    return graph.floats(asVector ? `${name} vector` : name, dims, () => numbers);
  };
  return {
    graph,
    sequence,
    attributes,
    input: (name) => values.get(inputs[name]) ?? constant(inputs[name], false),
    has: (name) => inputs[name] !== undefined,
    parameter: (name) => parameterOf(inputs[name]),
    vector: (name) => constant(inputs[name], true),
    rowsOf: (name) => fixedRows(inputs[name] ?? outputs[name]),
    columnsOf: (name) => tensors[inputs[name]].columns,
  };
}
