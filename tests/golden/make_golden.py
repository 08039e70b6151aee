"""Writes the golden cases, or compares those that are there with what PyTorch computes now.

    python3 tests/golden/make_golden.py OUT_DIR           writes OUT_DIR/*.json
    python3 tests/golden/make_golden.py --check DIR       fails if a number of DIR/*.json differs by more than 1e-9

A case is one JSON file: {"meta": ..., "tensors": {name: {"shape": [...], "data": [...]}}}, row-major, computed and
stored in float64: inputs, weights, outputs, gradients, and weights after AdamW steps. `GOLDEN_DIR=DIR npx vitest run
tests/engine/golden.test.ts` tests the engines on the cases of another folder. Needs PyTorch (2.6 wrote those here).
"""
import argparse
import json
import os
import sys

import torch
import torch.nn.functional as F

from eft_reference import SequenceClassifier, SpectralMixer

MIXER_LENGTHS = (2, 3, 8, 12, 15, 16, 64)
MODEL_LENGTHS = (12, 15, 16)
MODELS = ('elastic-fourier', 'standard')
LARGEST_DIFFERENCE = 1e-9


def mixer_case(n, d=4, batch=2):
    torch.manual_seed(n)
    mixer = SpectralMixer(n, d).double()
    with torch.no_grad():
        for parameter in mixer.parameters():
            parameter.normal_()
    x = torch.randn(batch, n, d, dtype=torch.float64, requires_grad=True)
    dy = torch.randn(batch, n, d, dtype=torch.float64)
    y = mixer(x)
    y.backward(dy)
    tensors = {
        'x': x,
        'real_filter': mixer.real_filter,
        'imag_filter': mixer.imag_filter,
        'y': y,
        'grad.y': dy,
        'grad.x': x.grad,
        'grad.real_filter': mixer.real_filter.grad,
        'grad.imag_filter': mixer.imag_filter.grad,
    }
    return dict(n=n, d=d, batch=batch), tensors


def model_case(model, n, d=8, hidden=32, blocks=2, heads=2, vocabulary=50, classes=3, batch=4, steps=3):
    torch.manual_seed(1000 + n)
    shape = dict(
        model=model, n=n, d=d, hidden=hidden, blocks=blocks, heads=heads, vocabulary=vocabulary, classes=classes
    )
    net = SequenceClassifier(**shape).double()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.3)
            else:
                parameter.add_(torch.randn_like(parameter) * 0.1)
        net.embedding['token'].weight[0] = 0
    tokens = torch.randint(1, vocabulary + 1, (batch, n))
    for b, length in enumerate([n, max(1, n // 2), 1, n - 1][:batch]):
        tokens[b, length:] = 0
    labels = torch.randint(0, classes, (batch,))
    tensors = {'tokens': tokens, 'labels': labels}
    tensors |= {f'param.{name}': p.clone() for name, p in net.named_parameters()}
    logits = net(tokens)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    tensors |= {'logits': logits, 'loss': loss.reshape(1)}
    tensors |= {f'grad.{name}': p.grad.clone() for name, p in net.named_parameters()}
    adamw = dict(lr=1e-2, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(tokens), labels)
        loss.backward()
        losses.append(loss.reshape(1))
        optimizer.step()
    tensors |= {'adamw.losses': torch.cat(losses)}
    tensors |= {f'adamw.{name}': p for name, p in net.named_parameters()}
    return {**shape, 'batch': batch, 'adamw': {**adamw, 'steps': steps, 'decayed': 'every parameter'}}, tensors


def cases():
    """Name and content of every case."""
    for n in MIXER_LENGTHS:
        yield f'mixer_n{n}', mixer_case(n)
    for n in MODEL_LENGTHS:
        for model in MODELS:
            yield f'{model}_n{n}', model_case(model, n)


def packed(meta, tensors):
    pack = {
        name: dict(shape=list(value.shape), data=value.detach().reshape(-1).tolist())
        for name, value in tensors.items()
    }
    return dict(meta=meta, tensors=pack)


def largest_difference(old, new):
    """Over all tensors; infinite where metadata, names or shapes differ."""
    if old['meta'] != new['meta'] or old['tensors'].keys() != new['tensors'].keys():
        return float('inf')
    largest = 0.0
    for name, tensor in new['tensors'].items():
        before = old['tensors'][name]
        if before['shape'] != tensor['shape']:
            return float('inf')
        largest = max([largest, *(abs(a - b) for a, b in zip(before['data'], tensor['data'], strict=True))])
    return largest


def main():
    parser = argparse.ArgumentParser(description='Writes or checks the golden cases.')
    parser.add_argument('folder')
    parser.add_argument('--check', action='store_true', help='compare, write nothing')
    options = parser.parse_args()
    failed = False
    os.makedirs(options.folder, exist_ok=True)
    for name, case in cases():
        path = os.path.join(options.folder, f'{name}.json')
        content = packed(*case)
        if not options.check:
            with open(path, 'w') as file:
                json.dump(content, file)
            continue
        with open(path) as file:
            difference = largest_difference(json.load(file), content)
        failed |= difference > LARGEST_DIFFERENCE
        print(f'{name}: largest difference {difference:.1e}')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
