/**
 * Multi-head attention among the real tokens (Vaswani et al. 2017): softmax(q kᵀ / √width) v a head, where a row
 * of qkv holds q, k and v of d numbers each, and a head takes `width` = d / heads of them.
 */
import type { Matrix, ReferenceOperation } from '../operands.js';

/** One head's view of qkv. */
function headOf(qkv: Matrix, heads: number, head: number) {
  const channels = qkv.columns / 3;
  const width = channels / heads;
  /** Where q (part 0), k (1) or v (2) of a token starts in qkv. */
  const start = (part: number, t: number): number => t * qkv.columns + part * channels + head * width;
  const scale = 1 / Math.sqrt(width);
  const score = (t: number, s: number): number => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += qkv.values[start(0, t) + j] * qkv.values[start(1, s) + j];
    return sum * scale;
  };
  return { channels, width, start, scale, score };
}

/** y[t] = Σ_s p[s] v[s] with p = softmax of the scores of t; logsumexp[t, head] = log Σ_s exp(score) */
export const attention: ReferenceOperation = ({
  inputs: { qkv },
  outputs: { y, logsumexp },
  attributes: { heads },
}) => {
  y.values.fill(0);
  for (let head = 0; head < heads; head++) {
    const { channels, width, start, score } = headOf(qkv, heads, head);
    for (let t = 0; t < qkv.rows; t++) {
      const scores = Float64Array.from({ length: qkv.rows }, (_, s) => score(t, s));
      const largest = scores.reduce((a, b) => Math.max(a, b));
      const log = largest + Math.log(scores.reduce((sum, value) => sum + Math.exp(value - largest), 0));
      logsumexp.values[t * heads + head] = log;
      for (let s = 0; s < qkv.rows; s++) {
        const p = Math.exp(scores[s] - log);
        for (let j = 0; j < width; j++) {
          y.values[t * channels + head * width + j] += p * qkv.values[start(2, s) + j];
        }
      }
    }
  }
};

/**
 * With p from the kept logarithms, D[t] = dy[t] · y[t] and ds = p (dy[t] · v[s] − D[t]) / √width:
 * dq[t] = Σ_s ds k[s]; dk[s] = Σ_t ds q[t]; dv[s] = Σ_t p dy[t] (Dao et al. 2022)
 */
export const attentionBackward: ReferenceOperation = ({
  inputs,
  outputs: { dqkv },
  attributes: { heads },
}) => {
  const { dy, y, qkv, logsumexp } = inputs;
  dqkv.values.fill(0);
  for (let head = 0; head < heads; head++) {
    const { channels, width, start, scale, score } = headOf(qkv, heads, head);
    for (let t = 0; t < qkv.rows; t++) {
      const at = t * channels + head * width;
      let dot = 0;
      for (let j = 0; j < width; j++) dot += dy.values[at + j] * y.values[at + j];
      for (let s = 0; s < qkv.rows; s++) {
        const p = Math.exp(score(t, s) - logsumexp.values[t * heads + head]);
        let dp = 0;
        for (let j = 0; j < width; j++) dp += dy.values[at + j] * qkv.values[start(2, s) + j];
        const ds = p * (dp - dot) * scale;
        for (let j = 0; j < width; j++) {
          dqkv.values[start(0, t) + j] += ds * qkv.values[start(1, s) + j];
          dqkv.values[start(1, s) + j] += ds * qkv.values[start(0, t) + j];
          dqkv.values[start(2, s) + j] += p * dy.values[at + j];
        }
      }
    }
  }
};
