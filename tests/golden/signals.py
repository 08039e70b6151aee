"""Golden cases of models on signals, in PyTorch, float64: windows are a strided convolution, padding is a mask, long
kernels are products with matrices of hat functions, and convolutions sums over all pairs of rows.

    python3 tests/golden/signals.py                writes tests/golden/signal_*.json
    python3 tests/golden/signals.py --check        fails if a number there differs by more than 1e-9
"""
import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

from elastic import DECAY, WIDTH, kernel_scale
from eft_reference import SequenceClassifier
from make_golden import largest_difference, packed

FOLDER = pathlib.Path(__file__).parent
ADAMW = dict(lr=1e-2, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01, steps=3)
SMOOTHING = 0.1


class Windows(nn.Module):
    """[B, steps, channels] -> [B, rows, features]: the steps of each window, or the magnitude of pairs of filters."""

    def __init__(self, channels, patch, window, filters):
        super().__init__()
        self.patch, self.window, self.filters = patch, window, filters
        self.features = filters or channels * window
        if filters:
            self.weight = nn.Parameter(torch.empty(2 * filters, channels * window))
            self.bias = nn.Parameter(torch.empty(2 * filters))
            self.norm = nn.LayerNorm(filters)

    def forward(self, x):
        B, steps, channels = x.shape
        padded = F.pad(x, (0, 0, 0, self.window - self.patch)).transpose(1, 2)
        if not self.filters:
            # Step by step, and of each step the channels.
            return padded.unfold(2, self.window, self.patch).permute(0, 2, 3, 1).flatten(2)
        kernel = self.weight.view(-1, self.window, channels).transpose(1, 2)
        cosine, sine = F.conv1d(padded, kernel, self.bias, stride=self.patch).transpose(1, 2).chunk(2, dim=-1)
        return self.norm((cosine**2 + sine**2 + 1e-4) ** 0.25)


class PaperModel(nn.Module):
    """'elastic-fourier' or 'standard' with a linear layer of the windows where tokens were."""

    def __init__(self, meta):
        super().__init__()
        signal, rows = meta['signal'], meta['rows']
        keys = ('model', 'd', 'hidden', 'blocks', 'heads', 'classes')
        net = SequenceClassifier(n=rows, vocabulary=1, **{key: meta[key] for key in keys if key in meta})
        self.filters, self.embedding, self.blocks, self.head = Windows(**signal), net.embedding, net.blocks, net.head
        self.embedding['signal'] = nn.Linear(self.filters.features, meta['d'])

    def forward(self, x, lengths):
        mask = (torch.arange(x.shape[1] // self.filters.patch) < lengths[:, None]).unsqueeze(-1).double()
        place = self.embedding['token'].weight[1] + self.embedding['position'].weight
        rows = mask * (self.embedding['signal'](self.filters(x)) + place)
        for block in self.blocks:
            rows = block(rows, mask)
        return self.head(rows.sum(1) / mask.sum(1))


class LongConvolution(nn.Module):
    def __init__(self, d, scales, taps):
        super().__init__()
        self.forward_, self.backward_ = (nn.Parameter(torch.empty(scales, WIDTH, d)) for _ in range(2))
        self.short = nn.Parameter(torch.empty(taps, d))
        self.scales = scales

    def lags(self, numbers):
        """[scales, WIDTH, d] -> [lags, d]: straight lines between the numbers of each scale."""
        parts = []
        for s in range(self.scales):
            places = ((torch.arange(WIDTH * 2**s).double() + 0.5) / 2**s - 0.5).clamp(0, WIDTH - 1)
            hats = (1 - (places[:, None] - torch.arange(WIDTH)).abs()).clamp(min=0)
            parts.append(DECAY**s * (hats @ numbers[s]))
        return kernel_scale(self.scales) * torch.cat(parts)

    def forward(self, x):
        ahead, back, half = self.lags(self.forward_), self.lags(self.backward_), len(self.short) // 2
        rows = []
        for t in range(len(x)):
            row = 0
            for u in range(len(x)):
                lag = t - u
                if 0 <= lag < len(ahead):
                    row = row + ahead[lag] * x[u]
                if 0 < -lag <= len(back):
                    row = row + back[-lag - 1] * x[u]
                if abs(lag) <= half:
                    row = row + self.short[half - lag] * x[u]
            rows.append(row)
        return torch.stack(rows)


class GatedBlock(nn.Module):
    def __init__(self, d, scales, taps):
        super().__init__()
        self.norm, self.value, self.gate = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)
        self.convolution, self.project = LongConvolution(d, scales, taps), nn.Linear(d, d)

    def forward(self, x):
        normed = self.norm(x)
        return x + self.project(self.convolution(self.value(normed)) * self.gate(normed).sigmoid())


class ElasticModel(nn.Module):
    def __init__(self, meta):
        super().__init__()
        d, self.modes = meta['d'], meta['cosineModes']
        self.filters = Windows(**meta['signal'])
        self.embedding = nn.ModuleDict(dict(signal=nn.Linear(self.filters.features, d)))
        self.blocks = nn.ModuleList(GatedBlock(d, meta['scales'], meta['taps']) for _ in range(meta['blocks']))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear((self.modes + 1) * d, meta['classes'])

    def one(self, x):
        rows = self.embedding['signal'](self.filters(x[None]))[0]
        for block in self.blocks:
            rows = block(rows)
        rows = self.norm(rows)
        t = (torch.arange(len(rows)).double() + 0.5) / len(rows)
        cosines = [(torch.cos(math.pi * k * t)[:, None] * rows).mean(0) for k in range(self.modes)]
        return self.head(torch.cat([*cosines, rows.max(0).values]))

    def forward(self, x, lengths):
        return torch.stack([self.one(signal[: count * self.filters.patch]) for signal, count in zip(x, lengths)])


def case(meta):
    signal, n = meta['signal'], meta['n']
    rows = max(2, math.ceil(n / signal['patch']))
    meta = {'vocabulary': 2, 'classes': 3, 'batch': 4, 'dropout': 0, 'labelSmoothing': SMOOTHING, **meta}
    torch.manual_seed(n)
    net = (ElasticModel if meta['model'] == 'elastic' else PaperModel)({**meta, 'rows': rows}).double()
    names = {name: name.replace('forward_', 'forward').replace('backward_', 'backward') for name, _ in net.named_parameters()}
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            deviation = 0.4 if parameter.dim() > 1 else 0.2
            fresh = deviation * torch.randn(parameter.shape, dtype=torch.float64)
            if '.norm' in f'.{name}' and name.endswith('weight'):
                fresh = fresh + 1
            # Float32 numbers, so that every engine starts from the same ones.
            parameter.copy_(fresh.float().double())
            if name == 'embedding.token.weight':
                parameter[0] = 0
    steps = torch.tensor([n, n // 2, 1, n - 1])
    x = torch.randn(len(steps), rows * signal['patch'], signal['channels']).double()
    for b, length in enumerate(steps):
        x[b, length:] = 0
    lengths = (steps + signal['patch'] - 1) // signal['patch']
    labels, others = torch.randint(0, meta['classes'], (2, len(steps)))
    # Binary fractions, so that float32 has them too.
    shares = torch.tensor([0, 0.25, 0.5, 0.125]).double()
    one_hot = lambda classes: F.one_hot(classes, meta['classes']).double()
    targets = (1 - shares)[:, None] * one_hot(labels) + shares[:, None] * one_hot(others)
    loss_of = lambda: F.cross_entropy(net(x, lengths), targets, label_smoothing=SMOOTHING)
    tokens = (torch.arange(rows) < lengths[:, None]).long()
    tensors = {'tokens': tokens, 'labels': labels, 'mixed.labels': others, 'mixed.shares': shares}
    tensors |= {'frames': x.reshape(len(steps), rows, -1)}
    parameters = [(names[name], p) for name, p in net.named_parameters()]
    tensors |= {f'param.{name}': p.clone() for name, p in parameters}
    tensors |= {'logits': net(x, lengths)}
    loss = loss_of()
    loss.backward()
    tensors |= {'loss': loss.reshape(1)} | {f'grad.{name}': p.grad.clone() for name, p in parameters}
    a = ADAMW
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=a['lr'], betas=(a['beta1'], a['beta2']), eps=a['epsilon'], weight_decay=a['weight_decay']
    )
    losses = []
    for _ in range(a['steps']):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        losses.append(loss.reshape(1))
        optimizer.step()
    tensors |= {'adamw.losses': torch.cat(losses)} | {f'adamw.{name}': p for name, p in parameters}
    return packed({**meta, 'adamw': ADAMW}, tensors)


def cases():
    waves = dict(channels=1, patch=4, window=11, filters=3)
    blocks = dict(d=4, hidden=6, blocks=1)
    yield 'signal_elastic_waves', dict(model='elastic', n=50, d=4, blocks=2, scales=1, taps=5, cosineModes=3, bank=0, signal=waves)
    yield 'signal_elastic_plain', dict(
        model='elastic', n=19, d=3, blocks=1, scales=2, taps=3, cosineModes=2, bank=0,
        signal=dict(channels=2, patch=1, window=1, filters=0),
    )
    yield 'signal_elastic-fourier', dict(model='elastic-fourier', n=30, **blocks, signal={**waves, 'channels': 2})
    yield 'signal_standard', dict(
        model='standard', n=22, **blocks, heads=2, signal=dict(channels=3, patch=2, window=5, filters=0)
    )


def main():
    worst = 0
    for name, meta in cases():
        path, content = FOLDER / f'{name}.json', case(meta)
        if '--check' not in sys.argv:
            path.write_text(json.dumps(content, separators=(',', ':')) + '\n')
            continue
        difference = largest_difference(json.loads(path.read_text()), content)
        print(f'{name}: largest difference {difference:.1e}')
        worst = max(worst, difference)
    sys.exit(1 if worst > 1e-9 else 0)


if __name__ == '__main__':
    main()
