"""Golden cases of the `elastic` family, from a form of its own: NumPy, float64, by the definitions.

    python3 tests/golden/elastic.py

writes tests/golden/elastic_n*.json. Kernels are built with numpy.interp, convolutions are Toeplitz matrices, padding
is cut off before anything is computed. Gradients are by complex steps (Squire & Trapp 1998): every function here is
analytic, so Im f(x + ih) / h has no cancellation and is exact to rounding.
"""
import json
import pathlib

import numpy as np

WIDTH, DECAY, EPSILON, STEP = 16, 0.5, 1e-5, 1e-30
ADAMW = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01, "steps": 3}


def kernel_scale(scales):
    """1 / sqrt(expected square sum of both directions of a kernel whose numbers are independent, of variance 1)."""
    total = 0.0
    for s in range(scales):
        places = (np.arange(2**s) + 0.5) / 2**s - 0.5
        f = places - np.floor(places)
        total += 2 * WIDTH * 2**s * DECAY ** (2 * s) * np.mean((1 - f) ** 2 + f**2)
    return total**-0.5


def one_direction(numbers, scales):
    """[scales, WIDTH, d] -> [WIDTH (2^scales - 1), d], lag by lag."""
    parts = []
    for s in range(scales):
        places = (np.arange(WIDTH * 2**s) + 0.5) / 2**s - 0.5
        columns = [np.interp(places, np.arange(WIDTH), numbers[s, :, c]) for c in range(numbers.shape[2])]
        parts.append(DECAY**s * np.stack(columns, axis=1))
    return kernel_scale(scales) * np.concatenate(parts)


def convolve(p, name, x, scales, taps):
    """y[t] = sum_u kernel[t - u] x[u] a channel, by the matrix of all pairs of tokens."""
    length, channels = x.shape
    kernel = np.zeros((2 * length - 1, channels), np.result_type(x, *p.values()))
    middle = length - 1
    if scales > 0:
        forward = one_direction(p[f"{name}.forward"], scales)[:length]
        backward = one_direction(p[f"{name}.backward"], scales)[: length - 1]
        kernel[middle : middle + len(forward)] += forward
        kernel[middle - len(backward) : middle] += backward[::-1]
    for j in range(taps):
        lag = taps // 2 - j
        if abs(lag) < length:
            kernel[middle + lag] += p[f"{name}.short"][j]
    pairs = np.arange(length)[:, None] - np.arange(length)[None, :]
    y = np.einsum("tuc,uc->tc", kernel[middle + pairs], x)
    return y if scales > 0 else y + p[f"{name}.bias"]


def layer_norm(p, name, x):
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    return centred / np.sqrt(variance + EPSILON) * p[f"{name}.weight"] + p[f"{name}.bias"]


def linear(p, name, x):
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def gelu(x):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def windows(x, taps):
    """[x[t - h], ..., x[t + h]] for each token, zeros beyond both ends."""
    half = max(taps, 1) // 2
    padded = np.concatenate([np.zeros((half, x.shape[1])), x, np.zeros((half, x.shape[1]))])
    return np.concatenate([padded[j : j + len(x)] for j in range(2 * half + 1)], axis=1)


def maximum(x):
    return x[np.argmax(x.real, axis=0), np.arange(x.shape[1])]


def logits_of(p, tokens, meta):
    x = p["embedding.token.weight"][tokens]
    for b in range(meta["blocks"]):
        name = f"blocks.{b}"
        normed = layer_norm(p, f"{name}.norm", x)
        value, gate = linear(p, f"{name}.value", normed), linear(p, f"{name}.gate", normed)
        mixed = convolve(p, f"{name}.convolution", value, meta["scales"], meta["taps"])
        x = x + linear(p, f"{name}.project", mixed / (1 + np.exp(-gate)))
    if meta["blocks"] > 0 or meta["bank"] == 0:
        x = layer_norm(p, "norm", x)
    length = len(x)
    if meta["bank"] > 0:
        views = windows(x, meta["taps"])
        if meta["scales"] > 0:
            views = np.concatenate([views, convolve(p, "long", x, meta["scales"], 0)], axis=1)
        largest = gelu(maximum(linear(p, "bank", views)))
    else:
        largest = maximum(x)
    t = np.arange(length) + 0.5
    modes = [np.cos(np.pi * k * t / length) @ x / length for k in range(meta["cosineModes"])]
    return linear(p, "head", np.concatenate([*modes, largest])[None, :])[0]


def loss_of(p, batch, labels, meta):
    total = 0
    for tokens, label in zip(batch, labels):
        z = logits_of(p, tokens, meta)
        z = z - z.real.max()
        total = total + np.log(np.exp(z).sum()) - z[label]
    return total / len(batch)


def gradients_of(p, batch, labels, meta):
    gradients = {}
    for name, values in p.items():
        gradient = np.zeros_like(values)
        for i in np.ndindex(values.shape):
            moved = values.astype(complex)
            moved[i] += 1j * STEP
            gradient[i] = np.imag(loss_of({**p, name: moved}, batch, labels, meta)) / STEP
        gradients[name] = gradient
    return gradients


def adamw(p, batch, labels, meta):
    a = ADAMW
    p = dict(p)
    m = {name: np.zeros_like(values) for name, values in p.items()}
    v = {name: np.zeros_like(values) for name, values in p.items()}
    losses = []
    for t in range(1, a["steps"] + 1):
        losses.append(float(loss_of(p, batch, labels, meta)))
        for name, g in gradients_of(p, batch, labels, meta).items():
            m[name] = a["beta1"] * m[name] + (1 - a["beta1"]) * g
            v[name] = a["beta2"] * v[name] + (1 - a["beta2"]) * g**2
            corrected = np.sqrt(v[name] / (1 - a["beta2"] ** t)) + a["epsilon"]
            decayed = p[name] * (1 - a["lr"] * a["weight_decay"])
            p[name] = decayed - a["lr"] * m[name] / (1 - a["beta1"] ** t) / corrected
    return losses, p


def parameters(meta, random):
    d, scales, taps = meta["d"], meta["scales"], meta["taps"]
    normal = lambda *shape, deviation=1.0: deviation * random.standard_normal(shape)
    p = {"embedding.token.weight": normal(meta["vocabulary"] + 1, d, deviation=0.5)}
    p["embedding.token.weight"][0] = 0

    def add_norm(name):
        p[f"{name}.weight"], p[f"{name}.bias"] = 1 + normal(d, deviation=0.2), normal(d, deviation=0.2)

    def add_linear(name, inputs, outputs):
        p[f"{name}.weight"] = normal(outputs, inputs, deviation=inputs**-0.5)
        p[f"{name}.bias"] = normal(outputs, deviation=0.2)

    for b in range(meta["blocks"]):
        name = f"blocks.{b}"
        add_norm(f"{name}.norm")
        add_linear(f"{name}.value", d, d)
        add_linear(f"{name}.gate", d, d)
        if scales > 0:
            p[f"{name}.convolution.forward"] = normal(scales, WIDTH, d)
            p[f"{name}.convolution.backward"] = normal(scales, WIDTH, d)
        if taps > 0:
            p[f"{name}.convolution.short"] = normal(taps, d, deviation=taps**-0.5)
        if scales == 0:
            p[f"{name}.convolution.bias"] = normal(d, deviation=0.2)
        add_linear(f"{name}.project", d, d)
    if meta["blocks"] > 0 or meta["bank"] == 0:
        add_norm("norm")
    if scales > 0 and meta["bank"] > 0:
        p["long.forward"] = normal(scales, WIDTH, d)
        p["long.backward"] = normal(scales, WIDTH, d)
    if meta["bank"] > 0:
        add_linear("bank", (max(taps, 1) + (scales > 0)) * d, meta["bank"])
    add_linear("head", meta["cosineModes"] * d + (meta["bank"] or d), meta["classes"])
    return p


def case(n, **shape):
    meta = {"model": "elastic", "n": n, "dropout": 0, "wordDropout": 0, "vocabulary": 12, "classes": 3, "batch": 3, **shape}
    random = np.random.default_rng(n)
    # Float32 numbers, so that every engine starts from the same ones.
    p = {name: values.astype(np.float32).astype(float) for name, values in parameters(meta, random).items()}
    lengths = [n, 1, n // 2 + 1]
    batch = [random.integers(1, meta["vocabulary"] + 1, length) for length in lengths]
    labels = random.integers(0, meta["classes"], len(batch))
    padded = np.zeros((len(batch), n), int)
    for row, tokens in zip(padded, batch):
        row[: len(tokens)] = tokens
    tensors = {"tokens": padded, "labels": labels}
    tensors |= {f"param.{name}": values for name, values in p.items()}
    tensors["logits"] = np.array([logits_of(p, tokens, meta) for tokens in batch])
    tensors["loss"] = np.array([loss_of(p, batch, labels, meta)])
    tensors |= {f"grad.{name}": values for name, values in gradients_of(p, batch, labels, meta).items()}
    losses, trained = adamw(p, batch, labels, meta)
    tensors["adamw.losses"] = np.array(losses)
    tensors |= {f"adamw.{name}": values for name, values in trained.items()}
    data = {name: {"shape": list(a.shape), "data": a.ravel().tolist()} for name, a in tensors.items()}
    text = json.dumps({"meta": {**meta, "adamw": ADAMW}, "tensors": data}, separators=(",", ":"))
    (pathlib.Path(__file__).parent / f"elastic_n{n}.json").write_text(text + "\n")


if __name__ == "__main__":
    case(16, d=3, blocks=1, scales=1, taps=3, cosineModes=2, bank=0)
    case(20, d=4, blocks=2, scales=0, taps=3, cosineModes=3, bank=5)
    case(24, d=3, blocks=0, scales=1, taps=5, cosineModes=0, bank=7)
    case(40, d=2, blocks=1, scales=2, taps=0, cosineModes=5, bank=3)
