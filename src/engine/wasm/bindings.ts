/** Binds each kind of operation to its kernel: one row a kind. Called for a range of rows of one sequence. */

import type { Operation, Tensor, TensorId } from '../../program/program.js';
import { PURPOSE } from '../../random.js';
import type { Kernels } from './kernels.js';

/** What the calls read about the sequence at hand; changed between sequences. */
export interface Situation {
  /** Real tokens of the sequence. */
  tokens: number;
  /** Address of its token ids. */
  ids: number;
  label: number;
  /** 1 / batch size. */
  scale: number;
  /** Address of the shard's gradients. */
  gradients: number;
  // Keys of dropout.
  seed: number;
  step: number;
  sequence: number;
}

/** Address of row r of a tensor: base + r · stride (+ the shard's gradients). */
interface Place {
  readonly base: number;
  readonly stride: number;
}

export interface BindingContext {
  readonly kernels: Kernels;
  readonly situation: Situation;
  readonly sequenceLength: number;
  readonly transformPlan: number;
  /** This worker's scratch. */
  readonly scratch: number;
  tensor(id: TensorId): Tensor;
  /** False for an output that no operation of the program takes. */
  isRead(id: TensorId): boolean;
  /** For activations and parameters; for gradients the offset within a shard's gradients. */
  place(id: TensorId): Place;
  /** Address of a packed copy of a weight. */
  packed(form: 'transposed' | 'plain', weight: TensorId): number;
}

/** Runs an operation on rows row … row + rows − 1. */
export type Call = (row: number, rows: number) => void;

type Binding = (operation: Operation, context: BindingContext) => Call;

const NOWHERE: Place = { base: 0, stride: 0 };

/** Elementwise kernels (y, a, b, count). */
function binary(kernel: 'add' | 'multiply', left: string, right: string, to: string): Binding {
  return ({ inputs, outputs }, { kernels, place, tensor }) => {
    const [y, a, b] = [place(outputs[to]), place(inputs[left]), place(inputs[right])];
    const { columns } = tensor(inputs[left]);
    const run = kernels[kernel];
    return (row, rows) =>
      run(y.base + row * y.stride, a.base + row * a.stride, b.base + row * b.stride, rows * columns);
  };
}

function dropout(to: string): Binding {
  return ({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) => {
    const x = place(inputs.x);
    const y = place(outputs[to]);
    const { columns } = tensor(inputs.x);
    const threshold = Math.floor(attributes.rate * 4294967296);
    const scale = 1 / (1 - attributes.rate);
    return (row, rows) =>
      kernels.dropout(
        y.base + row * y.stride,
        x.base + row * x.stride,
        row * columns,
        rows * columns,
        threshold,
        scale,
        attributes.site,
        situation.step,
        situation.sequence,
        situation.seed,
        PURPOSE.dropout,
      );
  };
}

export const BINDINGS: Readonly<Record<string, Binding>> = {
  embedding({ inputs, outputs }, { kernels, situation, place, tensor }) {
    const y = place(outputs.y);
    const token = place(inputs.token).base;
    const position = inputs.position === undefined ? NOWHERE : place(inputs.position);
    const { columns } = tensor(outputs.y);
    return (row, rows) =>
      kernels.embedding(
        y.base + row * y.stride,
        situation.ids + 4 * row,
        token,
        position.base + row * position.stride,
        rows,
        columns,
      );
  },
  embeddingBackward({ inputs, outputs }, { kernels, situation, place, tensor }) {
    const dy = place(inputs.dy);
    const dtoken = place(outputs.dtoken).base;
    const { columns } = tensor(inputs.dy);
    const dposition = outputs.dposition === undefined ? undefined : place(outputs.dposition);
    return (row, rows) =>
      kernels.embeddingBackward(
        situation.gradients + dtoken,
        dposition === undefined ? 0 : situation.gradients + dposition.base + row * dposition.stride,
        situation.ids + 4 * row,
        dy.base + row * dy.stride,
        rows,
        columns,
      );
  },
  layerNorm({ inputs, outputs }, { kernels, place, tensor }) {
    const [x, y, statistics] = [place(inputs.x), place(outputs.y), place(outputs.statistics)];
    const [weight, bias] = [place(inputs.weight).base, place(inputs.bias).base];
    const { columns } = tensor(inputs.x);
    return (row, rows) =>
      kernels.layerNorm(
        y.base + row * y.stride,
        statistics.base + row * statistics.stride,
        x.base + row * x.stride,
        weight,
        bias,
        rows,
        columns,
      );
  },
  normalize({ inputs, outputs }, { kernels, place, tensor }) {
    const [x, y, statistics] = [place(inputs.x), place(outputs.y), place(inputs.statistics)];
    const [weight, bias] = [place(inputs.weight).base, place(inputs.bias).base];
    const { columns } = tensor(inputs.x);
    return (row, rows) =>
      kernels.normalize(
        y.base + row * y.stride,
        x.base + row * x.stride,
        weight,
        bias,
        statistics.base + row * statistics.stride,
        rows,
        columns,
      );
  },
  layerNormBackward({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
    const [dx, dy, x, statistics] = [
      place(outputs.dx),
      place(inputs.dy),
      place(inputs.x),
      place(inputs.statistics),
    ];
    const [dweight, dbias, weight] = [
      place(outputs.dweight).base,
      place(outputs.dbias).base,
      place(inputs.weight).base,
    ];
    const { columns } = tensor(inputs.x);
    const accumulate = attributes.accumulate ?? 0;
    return (row, rows) =>
      kernels.layerNormBackward(
        dx.base + row * dx.stride,
        situation.gradients + dweight,
        situation.gradients + dbias,
        dy.base + row * dy.stride,
        x.base + row * x.stride,
        statistics.base + row * statistics.stride,
        weight,
        rows,
        columns,
        accumulate,
      );
  },
  linear({ inputs, outputs }, { kernels, place, packed, tensor }) {
    const [x, y] = [place(inputs.x), place(outputs.y)];
    const residual = inputs.residual === undefined ? NOWHERE : place(inputs.residual);
    const bias = place(inputs.bias).base;
    const weight = packed('transposed', inputs.weight);
    const [depth, columns] = [tensor(inputs.x).columns, tensor(outputs.y).columns];
    return (row, rows) =>
      kernels.product(
        y.base + row * y.stride,
        x.base + row * x.stride,
        weight,
        bias,
        residual.base + row * residual.stride,
        rows,
        depth,
        columns,
      );
  },
  linearInputGradient({ inputs, outputs, attributes }, { kernels, place, packed, tensor }) {
    const [dx, dy] = [place(outputs.dx), place(inputs.dy)];
    const weight = packed('plain', inputs.weight);
    const [depth, columns] = [tensor(inputs.dy).columns, tensor(outputs.dx).columns];
    const old = attributes.accumulate ? dx : NOWHERE;
    return (row, rows) =>
      kernels.product(
        dx.base + row * dx.stride,
        dy.base + row * dy.stride,
        weight,
        0,
        old.base + row * old.stride,
        rows,
        depth,
        columns,
      );
  },
  linearWeightGradient({ inputs, outputs }, { kernels, situation, place, tensor }) {
    const [dy, x] = [place(inputs.dy), place(inputs.x)];
    const [dweight, dbias] = [place(outputs.dweight).base, place(outputs.dbias).base];
    const [columns, outputColumns] = [tensor(inputs.x).columns, tensor(inputs.dy).columns];
    return (row, rows) =>
      kernels.linearWeightGradient(
        situation.gradients + dweight,
        situation.gradients + dbias,
        dy.base + row * dy.stride,
        x.base + row * x.stride,
        rows,
        columns,
        outputColumns,
      );
  },
  gelu({ inputs, outputs }, { kernels, place, tensor, isRead }) {
    const [y, slope, x] = [place(outputs.y), place(outputs.slope), place(inputs.x)];
    const { columns } = tensor(inputs.x);
    if (!isRead(outputs.slope)) {
      return (row, rows) => kernels.gelu(y.base + row * y.stride, x.base + row * x.stride, rows * columns);
    }
    return (row, rows) =>
      kernels.geluWithSlope(
        y.base + row * y.stride,
        slope.base + row * slope.stride,
        x.base + row * x.stride,
        rows * columns,
      );
  },
  geluBackward: binary('multiply', 'dy', 'slope', 'dx'),
  add: binary('add', 'a', 'b', 'y'),
  accumulate({ inputs, outputs }, { kernels, place, tensor }) {
    const [y, x] = [place(outputs.y), place(inputs.x)];
    const { columns } = tensor(inputs.x);
    return (row, rows) => {
      const at = y.base + row * y.stride;
      kernels.add(at, at, x.base + row * x.stride, rows * columns);
    };
  },
  copy({ inputs, outputs }, { kernels, place, tensor }) {
    const [y, x] = [place(outputs.y), place(inputs.x)];
    const { columns } = tensor(inputs.x);
    return (row, rows) => kernels.copy(y.base + row * y.stride, x.base + row * x.stride, rows * columns);
  },
  spectralMixer({ inputs, outputs }, { kernels, place, tensor, transformPlan, scratch, sequenceLength }) {
    const [y, spectrum] = [place(outputs.y).base, place(outputs.spectrum).base];
    const [x, real, imaginary] = [
      place(inputs.x).base,
      place(inputs.real).base,
      place(inputs.imaginary).base,
    ];
    const { columns } = tensor(inputs.x);
    return (_, rows) =>
      kernels.mixerForward(
        y,
        spectrum,
        x,
        real,
        imaginary,
        transformPlan,
        scratch,
        rows,
        sequenceLength,
        columns,
      );
  },
  spectralMixerBackward(
    { inputs, outputs },
    { kernels, situation, place, tensor, transformPlan, scratch, sequenceLength },
  ) {
    const [dx, dreal, dimaginary] = [outputs.dx, outputs.dreal, outputs.dimaginary].map(
      (id) => place(id).base,
    );
    const [dy, spectrum] = [place(inputs.dy).base, place(inputs.spectrum).base];
    const [real, imaginary] = [place(inputs.real).base, place(inputs.imaginary).base];
    const { columns } = tensor(inputs.dy);
    return (_, rows) =>
      kernels.mixerBackward(
        dx,
        situation.gradients + dreal,
        situation.gradients + dimaginary,
        dy,
        spectrum,
        real,
        imaginary,
        transformPlan,
        scratch,
        rows,
        sequenceLength,
        columns,
      );
  },
  wave({ inputs, outputs }, { kernels, place, tensor }) {
    const [y, x, frequency] = [place(outputs.y), place(inputs.x), place(inputs.frequency).base];
    const { columns } = tensor(inputs.x);
    return (row, rows) =>
      kernels.wave(y.base + row * y.stride, x.base + row * x.stride, frequency, rows, columns);
  },
  waveBackward({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
    const [dx, dy, x, y] = [place(outputs.dx), place(inputs.dy), place(inputs.x), place(inputs.y)];
    const [dfrequency, frequency] = [place(outputs.dfrequency).base, place(inputs.frequency).base];
    const { columns } = tensor(inputs.x);
    const accumulate = attributes.accumulate ?? 0;
    return (row, rows) =>
      kernels.waveBackward(
        dx.base + row * dx.stride,
        situation.gradients + dfrequency,
        dy.base + row * dy.stride,
        x.base + row * x.stride,
        y.base + row * y.stride,
        frequency,
        rows,
        columns,
        accumulate,
      );
  },
  attention({ inputs, outputs, attributes }, { kernels, place, tensor, scratch }) {
    const [y, logsumexp, qkv] = [
      place(outputs.y).base,
      place(outputs.logsumexp).base,
      place(inputs.qkv).base,
    ];
    const { columns } = tensor(outputs.y);
    return (_, rows) => kernels.attentionForward(y, logsumexp, qkv, scratch, rows, columns, attributes.heads);
  },
  attentionBackward({ inputs, outputs, attributes }, { kernels, place, tensor, scratch }) {
    const [dqkv, dy, y] = [place(outputs.dqkv).base, place(inputs.dy).base, place(inputs.y).base];
    const [qkv, logsumexp] = [place(inputs.qkv).base, place(inputs.logsumexp).base];
    const { columns } = tensor(inputs.y);
    return (_, rows) =>
      kernels.attentionBackward(dqkv, dy, y, qkv, logsumexp, scratch, rows, columns, attributes.heads);
  },
  mean({ inputs, outputs }, { kernels, place, tensor, scratch }) {
    const [y, x] = [place(outputs.y).base, place(inputs.x).base];
    const { columns } = tensor(inputs.x);
    return (_, rows) => kernels.mean(y, x, scratch, rows, columns);
  },
  meanBackward({ inputs, outputs }, { kernels, situation, place, tensor }) {
    const [dx, dy] = [place(outputs.dx), place(inputs.dy).base];
    const { columns } = tensor(inputs.dy);
    return (row, rows) =>
      kernels.meanBackward(dx.base + row * dx.stride, dy, rows, situation.tokens, columns);
  },
  crossEntropy({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
    const [loss, probabilities] = [place(outputs.loss).base, place(outputs.probabilities).base];
    const logits = place(inputs.logits).base;
    const { columns } = tensor(inputs.logits);
    return () =>
      kernels.crossEntropy(loss, probabilities, logits, situation.label, columns, attributes.smoothing);
  },
  crossEntropyBackward({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
    const [dlogits, probabilities] = [place(outputs.dlogits).base, place(inputs.probabilities).base];
    const { columns } = tensor(outputs.dlogits);
    return () =>
      kernels.crossEntropyBackward(
        dlogits,
        probabilities,
        situation.label,
        columns,
        attributes.smoothing,
        situation.scale,
      );
  },
  dropout: dropout('y'),
  dropoutBackward: dropout('dx'),
};
