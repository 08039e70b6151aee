/**
 * Both models and their training step (forward, backward, AdamW) as jax-js functions, for batches of full-length
 * sequences (no padding, so no mask). Shapes and arithmetic are those of src/model/layers.ts.
 *
 * jax-js counts references: passing an array on gives it away, `.ref` keeps it for another use.
 */
import { jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { modelParameters } from 'elastic-fourier/engine';

/** Arrays by parameter name, from `initialise`'s map. */
export function toArrays(configuration, weights) {
  return Object.fromEntries(
    modelParameters(configuration).map(({ name, shape }) => [name, np.array(weights.get(name), { shape })]),
  );
}

/** x Wᵀ + b */
function linear(take, name, x) {
  return np.matmul(x, np.matrixTranspose(take(`${name}.weight`))).add(take(`${name}.bias`));
}

function layerNorm(take, name, x) {
  const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
  const normed = centered.div(np.sqrt(variance.add(1e-5)));
  return normed.mul(take(`${name}.weight`)).add(take(`${name}.bias`));
}

function feedForward(take, name, x) {
  const normed = layerNorm(take, `${name}.norm2`, x.ref);
  const activated = nn.gelu(linear(take, `${name}.feed_forward.expand`, normed), { approximate: true });
  return x.add(linear(take, `${name}.feed_forward.contract`, activated));
}

/**
 * irfft(rfft(x) · filter) over the tokens. n must be even: irfft infers it from the number of bins. Products with
 * constant matrices instead of transforms took several times as long at n = 512.
 */
function spectralMixer(take, name, x) {
  const { real, imag } = np.fft.rfft(x, 1);
  const re = take(`${name}.real_filter`);
  const im = take(`${name}.imag_filter`);
  const filtered = {
    real: real.ref.mul(re.ref).sub(imag.ref.mul(im.ref)),
    imag: real.mul(im).add(imag.mul(re)),
  };
  return np.fft.irfft(filtered, 1);
}

function elasticFourierBlock(take, name, x) {
  let y = x;
  for (const layer of [`${name}.layers.0`, `${name}.layers.1`]) {
    const mixed = spectralMixer(take, `${layer}.mixer`, layerNorm(take, `${layer}.norm1`, y.ref));
    y = feedForward(take, layer, y.add(mixed));
  }
  const phase = y.ref.mul(take(`${name}.wave.frequency`));
  const features = np.concatenate([np.sin(phase.ref), np.cos(phase)], 2);
  return y.add(linear(take, `${name}.wave.project`, features));
}

/** By products: nn.dotProductAttention and np.einsum need iterator helpers, which Node has from 22 on. */
function attentionBlock(take, name, x, { channels, heads }) {
  const [batch, n] = x.shape;
  const normed = layerNorm(take, `${name}.norm1`, x.ref);
  const qkv = linear(take, `${name}.attention.in_proj`, normed);
  const [q, k, v] = np
    .split(qkv, 3, 2)
    .map((part) => np.transpose(part.reshape([batch, n, heads, channels / heads]), [0, 2, 1, 3]));
  const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(channels / heads));
  const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3]);
  const attended = mixed.reshape([batch, n, channels]);
  return feedForward(take, name, x.add(linear(take, `${name}.attention.out_proj`, attended)));
}

/** Mean cross-entropy of a batch. tokens [batch, n] and labels [batch] are int32. */
function meanLoss(configuration) {
  const { model, blocks, classes } = configuration;
  return (parameters, tokens, labels) => {
    const take = (name) => parameters[name];
    let x = np.take(take('embedding.token.weight'), tokens, 0).add(take('embedding.position.weight'));
    for (let block = 0; block < blocks; block++) {
      x =
        model === 'standard'
          ? attentionBlock(take, `blocks.${block}`, x, configuration)
          : elasticFourierBlock(take, `blocks.${block}`, x);
    }
    const logits = linear(take, 'head', np.mean(x, 1));
    const target = nn.oneHot(labels, classes);
    return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(target), -1)).mul(-1);
  };
}

/** AdamW on one parameter; correction1 and correction2 are 1 − βᵢ^steps. */
function adamW(
  { p, g, m, v },
  { learningRate, beta1, beta2, epsilon, weightDecay },
  correction1,
  correction2,
) {
  const first = m.mul(beta1).add(g.ref.mul(1 - beta1));
  const second = v.mul(beta2).add(np.square(g).mul(1 - beta2));
  const direction = first.ref.div(correction1).div(np.sqrt(second.ref.div(correction2)).add(epsilon));
  return { p: p.mul(1 - learningRate * weightDecay).sub(direction.mul(learningRate)), m: first, v: second };
}

/** One step, compiled: (state { p, m, v: arrays by name }, tokens, labels, correction1, correction2) → [loss, state]. */
export function trainingStep(configuration, optimizer) {
  const lossAndGradients = valueAndGrad(meanLoss(configuration));
  return jit((state, tokens, labels, correction1, correction2) => {
    const [loss, gradients] = lossAndGradients(tree.ref(state.p), tokens, labels);
    const next = { p: {}, m: {}, v: {} };
    for (const [name, g] of Object.entries(gradients)) {
      const old = { p: state.p[name], g, m: state.m[name], v: state.v[name] };
      const updated = adamW(old, optimizer, correction1.ref, correction2.ref);
      for (const part of ['p', 'm', 'v']) next[part][name] = updated[part];
    }
    correction1.dispose();
    correction2.dispose();
    return [loss, next];
  });
}
