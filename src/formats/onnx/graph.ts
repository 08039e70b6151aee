/** Writes an ONNX graph: nodes in order, constants, inputs, outputs (ONNX IR, opset 20). */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';

const OPSET = 20n;
/** Of ONNX 1.15, which brought opset 20. */
const IR_VERSION = 9n;

/** Name of a value in the graph. */
export type Value = string;

type Attribute = number | string | readonly number[];

/** Whole numbers are `int`, numbers in an object are `float`. */
export type NodeAttributes = Readonly<Record<string, Attribute | { readonly float: number }>>;

interface Boundary {
  readonly name: string;
  readonly type: 'float' | 'int64';
  /** Names are dimensions that may differ from call to call. */
  readonly dims: readonly (number | string)[];
}

const ELEMENT_TYPES = { float: DataType.FLOAT, int64: DataType.INT64 } as const;

export class OnnxGraph {
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<string, TensorProto>();
  readonly #inputs: Boundary[] = [];
  readonly #outputs: Boundary[] = [];
  #count = 0;

  input(boundary: Boundary): Value {
    this.#inputs.push(boundary);
    return boundary.name;
  }

  output(boundary: Boundary, value: Value): void {
    this.#nodes.push(
      create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [boundary.name] }),
    );
    this.#outputs.push(boundary);
  }

  /** A node with one output. */
  node(opType: string, inputs: readonly Value[], attributes: NodeAttributes = {}): Value {
    return this.nodes(opType, inputs, 1, attributes)[0];
  }

  /** A node with several outputs. */
  nodes(opType: string, inputs: readonly Value[], outputs: number, attributes: NodeAttributes = {}): Value[] {
    const output = Array.from({ length: outputs }, () => `v${this.#count++}`);
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.#nodes.push(create(NodeProtoSchema, { opType, input: [...inputs], output, attribute }));
    return output;
  }

  /** A constant of a name; the same name is the same constant. */
  floats(name: string, dims: readonly number[], values: () => Float32Array): Value {
    if (!this.#constants.has(name)) {
      const bytes = values();
      const rawData = littleEndian(bytes);
      const tensor = { name, dims: dims.map(BigInt), dataType: DataType.FLOAT, rawData };
      this.#constants.set(name, create(TensorProtoSchema, tensor));
    }
    return name;
  }

  scalar(value: number): Value {
    return this.floats(`float ${value}`, [], () => Float32Array.of(value));
  }

  /** A vector of whole numbers. */
  integers(...values: readonly number[]): Value {
    const name = `int64 ${values.join(' ')}`;
    if (!this.#constants.has(name)) {
      const tensor = {
        name,
        dims: [BigInt(values.length)],
        dataType: DataType.INT64,
        int64Data: values.map(BigInt),
      };
      this.#constants.set(name, create(TensorProtoSchema, tensor));
    }
    return name;
  }

  /** A whole number. */
  integer(value: number): Value {
    const name = `int64 scalar ${value}`;
    if (!this.#constants.has(name)) {
      const tensor = { name, dims: [], dataType: DataType.INT64, int64Data: [BigInt(value)] };
      this.#constants.set(name, create(TensorProtoSchema, tensor));
    }
    return name;
  }

  /** The file's content. */
  encode(producerVersion: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const graph = create(GraphProtoSchema, {
      name: 'elastic-fourier',
      node: this.#nodes,
      initializer: [...this.#constants.values()],
      input: this.#inputs.map(valueInfo),
      output: this.#outputs.map(valueInfo),
    });
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'elastic-fourier',
      producerVersion,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })],
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
      graph,
    });
    return toBinary(ModelProtoSchema, model);
  }
}

function attributeOf(name: string, value: NodeAttributes[string]) {
  if (typeof value === 'string') {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s });
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo({ name, type, dims }: Boundary) {
  const dim = dims.map((size) => ({
    value:
      typeof size === 'string'
        ? ({ case: 'dimParam', value: size } as const)
        : ({ case: 'dimValue', value: BigInt(size) } as const),
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: ELEMENT_TYPES[type], shape: { dim } } } },
  });
}

/** As ONNX keeps raw data, whatever the machine. */
function littleEndian(values: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
}
