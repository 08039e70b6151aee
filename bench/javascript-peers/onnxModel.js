/**
 * Both models as ONNX graphs with given weights, fixed batch and length: tokens int32 [batch, n] in, logits
 * [batch, classes] out. Shapes and arithmetic are those of src/model/layers.ts for sequences of full length (no
 * padding, so no mask). The operators are the fused ones of ONNX Runtime's CPU provider where it has them:
 * LayerNormalization and Gelu of opset 20, softmax and MatMul for attention.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { inverseMatrix, transformMatrix } from './dft.js';

const OPSET = 20n;
const IR_VERSION = 9n;
const { FLOAT, INT32, INT64 } = TensorProto_DataType;

const bytesOf = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** A graph under construction: nodes and constants, in order. */
class GraphBuilder {
  #nodes = [];
  #constants = new Map();
  #weights;

  constructor(weights) {
    this.#weights = weights;
  }

  /** A node of one output; gives the output's name. */
  emit(opType, input, attributes = {}) {
    return this.emitMany(opType, input, 1, attributes)[0];
  }

  emitMany(opType, input, count, attributes = {}) {
    const at = this.#nodes.length;
    const output = Array.from({ length: count }, (_, i) => `v${at}_${i}`);
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    this.#nodes.push(create(NodeProtoSchema, { opType, name: `${opType}_${at}`, input, output, attribute }));
    return output;
  }

  constant(name, dims, values, dataType = FLOAT) {
    if (!this.#constants.has(name)) {
      const shape = { name, dims: dims.map(BigInt), dataType, rawData: bytesOf(values) };
      this.#constants.set(name, create(TensorProtoSchema, shape));
    }
    return name;
  }

  weight(name, dims) {
    return this.constant(name, dims, this.#weights.get(name));
  }

  /** [outputs, inputs] as [inputs, outputs], for x W. */
  transposed(name, outputs, inputs) {
    const values = this.#weights.get(name);
    const turned = new Float32Array(values.length);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) turned[i * outputs + o] = values[o * inputs + i];
    }
    return this.constant(`${name}.transposed`, [inputs, outputs], turned);
  }

  integers(...values) {
    return this.constant(`i${values}`, [values.length], BigInt64Array.from(values, BigInt), INT64);
  }

  scalar(value) {
    return this.constant(`s${value}`, [], Float32Array.of(value));
  }

  /** The model file. */
  finish(input, output) {
    const graph = create(GraphProtoSchema, {
      name: 'classifier',
      node: this.#nodes,
      initializer: [...this.#constants.values()],
      input: [valueInfo(input, INT32)],
      output: [valueInfo(output, FLOAT)],
    });
    const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })];
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { irVersion: IR_VERSION, opsetImport, graph }),
    );
  }
}

/** Integers, arrays of integers, strings, and `{ float }`. */
function encodeAttribute(name, value) {
  const { INT, INTS, STRING, FLOAT: REAL } = AttributeProto_AttributeType;
  if (Array.isArray(value))
    return create(AttributeProtoSchema, { name, type: INTS, ints: value.map(BigInt) });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: STRING, s: new TextEncoder().encode(value) });
  }
  if (typeof value === 'object') return create(AttributeProtoSchema, { name, type: REAL, f: value.float });
  return create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) });
}

function valueInfo({ name, dims }, elemType) {
  const dim = dims.map((size) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } }),
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const value = create(TypeProto_TensorSchema, { elemType, shape });
  const type = create(TypeProtoSchema, { value: { case: 'tensorType', value } });
  return create(ValueInfoProtoSchema, { name, type });
}

function linear(graph, name, x, inputs, outputs) {
  const product = graph.emit('MatMul', [x, graph.transposed(`${name}.weight`, outputs, inputs)]);
  return graph.emit('Add', [product, graph.weight(`${name}.bias`, [outputs])]);
}

function layerNorm(graph, name, x, channels) {
  const operands = [x, graph.weight(`${name}.weight`, [channels]), graph.weight(`${name}.bias`, [channels])];
  return graph.emit('LayerNormalization', operands, { axis: -1, epsilon: { float: 1e-5 } });
}

function feedForward(graph, name, x, { channels, hidden }) {
  const normed = layerNorm(graph, `${name}.norm2`, x, channels);
  const expanded = linear(graph, `${name}.feed_forward.expand`, normed, channels, hidden);
  const activated = graph.emit('Gelu', [expanded], { approximate: 'tanh' });
  return graph.emit('Add', [x, linear(graph, `${name}.feed_forward.contract`, activated, hidden, channels)]);
}

/**
 * irfft(rfft(x) · filter) over the tokens, the transforms as products with constant matrices: in ONNX Runtime this
 * is the faster form up to lengths of about 1000, where its DFT operator catches up at powers of two (it is
 * several times slower before that, and imprecise at lengths that are not powers of two).
 *
 * The spectrum is [re; im] of bins 0 … ⌊n/2⌋, stacked along the tokens' axis. With F = [re; re] and G = [−im; im]
 * of the filter, the product is [re; im] · F + [im; re] · G.
 */
function spectralMixer(graph, name, x, { channels, sequenceLength: n }, weights) {
  const bins = Math.floor(n / 2) + 1;
  const forward = graph.constant('dft.forward', [2 * bins, n], transformMatrix(n));
  const inverse = graph.constant('dft.inverse', [n, 2 * bins], inverseMatrix(n));
  const real = weights.get(`${name}.real_filter`);
  const imaginary = weights.get(`${name}.imag_filter`);
  const straight = Float32Array.from([...real, ...real]);
  const crossed = Float32Array.from([...imaginary.map((value) => -value), ...imaginary]);
  const spectrum = graph.emit('MatMul', [forward, x]);
  const [re, im] = graph.emitMany('Split', [spectrum, graph.integers(bins, bins)], 2, { axis: 1 });
  const swapped = graph.emit('Concat', [im, re], { axis: 1 });
  const size = [2 * bins, channels];
  const filtered = graph.emit('Add', [
    graph.emit('Mul', [spectrum, graph.constant(`${name}.straight`, size, straight)]),
    graph.emit('Mul', [swapped, graph.constant(`${name}.crossed`, size, crossed)]),
  ]);
  return graph.emit('MatMul', [inverse, filtered]);
}

function elasticFourierBlock(graph, name, x, configuration, weights) {
  const { channels } = configuration;
  let y = x;
  for (const layer of [`${name}.layers.0`, `${name}.layers.1`]) {
    const normed = layerNorm(graph, `${layer}.norm1`, y, channels);
    y = graph.emit('Add', [y, spectralMixer(graph, `${layer}.mixer`, normed, configuration, weights)]);
    y = feedForward(graph, layer, y, configuration);
  }
  const phase = graph.emit('Mul', [y, graph.weight(`${name}.wave.frequency`, [1])]);
  const features = graph.emit('Concat', [graph.emit('Sin', [phase]), graph.emit('Cos', [phase])], {
    axis: 2,
  });
  return graph.emit('Add', [y, linear(graph, `${name}.wave.project`, features, 2 * channels, channels)]);
}

/** q, k and v of all heads from one product; scores are scaled through q, which is smaller than the scores. */
function attentionBlock(graph, name, x, configuration, batch) {
  const { channels, heads, sequenceLength: n } = configuration;
  const width = channels / heads;
  const normed = layerNorm(graph, `${name}.norm1`, x, channels);
  const qkv = linear(graph, `${name}.attention.in_proj`, normed, channels, 3 * channels);
  const parts = graph.emitMany('Split', [qkv, graph.integers(channels, channels, channels)], 3, { axis: 2 });
  const split = (part, perm) =>
    graph.emit('Transpose', [graph.emit('Reshape', [part, graph.integers(batch, n, heads, width)])], {
      perm,
    });
  const q = graph.emit('Mul', [split(parts[0], [0, 2, 1, 3]), graph.scalar(1 / Math.sqrt(width))]);
  const scores = graph.emit('MatMul', [q, split(parts[1], [0, 2, 3, 1])]);
  const shares = graph.emit('Softmax', [scores], { axis: -1 });
  const attended = graph.emit('MatMul', [shares, split(parts[2], [0, 2, 1, 3])]);
  const rows = graph.emit('Transpose', [attended], { perm: [0, 2, 1, 3] });
  const joined = graph.emit('Reshape', [rows, graph.integers(batch, n, channels)]);
  const sum = graph.emit('Add', [x, linear(graph, `${name}.attention.out_proj`, joined, channels, channels)]);
  return feedForward(graph, name, sum, configuration);
}

/**
 * @param configuration of our model
 * @param weights by parameter name, as `initialise` gives them
 * @returns the bytes of an ONNX file, tokens → logits
 */
export function buildOnnxModel(configuration, weights, batch) {
  const { channels, vocabulary, classes, blocks, sequenceLength: n } = configuration;
  const graph = new GraphBuilder(weights);
  const table = graph.weight('embedding.token.weight', [vocabulary + 1, channels]);
  const positions = graph.weight('embedding.position.weight', [n, channels]);
  let x = graph.emit('Add', [graph.emit('Gather', [table, 'tokens'], { axis: 0 }), positions]);
  for (let block = 0; block < blocks; block++) {
    x =
      configuration.model === 'standard'
        ? attentionBlock(graph, `blocks.${block}`, x, configuration, batch)
        : elasticFourierBlock(graph, `blocks.${block}`, x, configuration, weights);
  }
  const pooled = graph.emit('ReduceMean', [x, graph.integers(1)], { keepdims: 0 });
  const logits = linear(graph, 'head', pooled, channels, classes);
  return graph.finish({ name: 'tokens', dims: [batch, n] }, { name: logits, dims: [batch, classes] });
}
