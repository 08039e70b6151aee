"""The paper's two models, written plainly in PyTorch: the numerical specification.

Every tensor, mask, constant and parameter name here is what the TypeScript engines must match; speed is not. The
golden cases beside this file come from it (make_golden.py). Its parameter counts are the paper's:

    python3 tests/golden/eft_reference.py

Tokens are int, 0 is padding and stands only at the end. B sequences, n tokens, d channels, C classes.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


class SpectralMixer(nn.Module):
    """y[:, c] = irfft(rfft(x[:, c]) * (real_filter[:, c] + i imag_filter[:, c])): a circular convolution
    over the n tokens, one learned filter a channel. FFT normalisation is 'backward' (1/n in irfft)."""

    def __init__(self, n, d):
        super().__init__()
        self.n = n
        self.real_filter = nn.Parameter(torch.randn(n // 2 + 1, d) * 0.02)
        self.imag_filter = nn.Parameter(torch.randn(n // 2 + 1, d) * 0.02)

    def forward(self, x):
        return torch.fft.irfft(torch.fft.rfft(x, dim=1) * torch.complex(self.real_filter, self.imag_filter), n=self.n, dim=1)


class FeedForward(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.expand, self.contract = nn.Linear(d, hidden), nn.Linear(hidden, d)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x), approximate='tanh'))


class SpectralLayer(nn.Module):
    def __init__(self, n, d, hidden):
        super().__init__()
        self.norm1, self.mixer = nn.LayerNorm(d), SpectralMixer(n, d)
        self.norm2, self.feed_forward = nn.LayerNorm(d), FeedForward(d, hidden)

    def forward(self, x, mask):
        x = x + mask * self.mixer(mask * self.norm1(x))  # padding neither feeds the transform nor receives from it
        return x + mask * self.feed_forward(self.norm2(x))


class ElasticWaveUnit(nn.Module):
    """x + W [sin(w x); cos(w x)] + b, with one learned frequency w a unit."""

    def __init__(self, d):
        super().__init__()
        self.frequency, self.project = nn.Parameter(torch.ones(1)), nn.Linear(2 * d, d)

    def forward(self, x, mask):
        phase = self.frequency * x
        return x + mask * self.project(torch.cat([phase.sin(), phase.cos()], -1))


class ElasticFourierBlock(nn.Module):
    def __init__(self, n, d, hidden):
        super().__init__()
        self.layers, self.wave = nn.ModuleList(SpectralLayer(n, d, hidden) for _ in range(2)), ElasticWaveUnit(d)

    def forward(self, x, mask):
        for layer in self.layers:
            x = layer(x, mask)
        return self.wave(x, mask)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.in_proj, self.out_proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x, mask):
        B, n, d = x.shape
        q, k, v = self.in_proj(x).view(B, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)
        scores = scores.masked_fill(~mask.bool().view(B, 1, 1, n), float('-inf'))
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, n, d))


class AttentionBlock(nn.Module):
    def __init__(self, d, hidden, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(d), Attention(d, heads)
        self.norm2, self.feed_forward = nn.LayerNorm(d), FeedForward(d, hidden)

    def forward(self, x, mask):
        x = x + mask * self.attention(self.norm1(x), mask)
        return x + mask * self.feed_forward(self.norm2(x))


class SequenceClassifier(nn.Module):
    """model 'elastic-fourier' or 'standard'. The token table has vocabulary + 1 rows: row 0 is padding."""

    def __init__(self, model, n, d=32, hidden=128, blocks=8, heads=4, vocabulary=10_000, classes=2):
        super().__init__()
        self.embedding = nn.ModuleDict(dict(token=nn.Embedding(vocabulary + 1, d, padding_idx=0), position=nn.Embedding(n, d)))
        make = (lambda: ElasticFourierBlock(n, d, hidden)) if model == 'elastic-fourier' else (lambda: AttentionBlock(d, hidden, heads))
        self.blocks, self.head = nn.ModuleList(make() for _ in range(blocks)), nn.Linear(d, classes)

    def forward(self, tokens):
        mask = (tokens != 0).unsqueeze(-1).to(self.head.weight.dtype)
        x = mask * (self.embedding['token'](tokens) + self.embedding['position'].weight)
        for block in self.blocks:
            x = block(x, mask)
        return self.head(x.sum(1) / mask.sum(1))  # masked positions of x are zero, so the sum is the masked sum


def count(model, n):
    return sum(p.numel() for p in SequenceClassifier(model, n).parameters())


if __name__ == '__main__':
    for n in (256, 512, 1024):
        print(n, {model: count(model, n) for model in ('elastic-fourier', 'standard')})
