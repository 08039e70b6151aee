"""The peer: models in plain PyTorch, one training step (forward, backward, AdamW) or one inference, timed.

Reads one JSON request a line from standard input and answers each with one JSON line, so that the caller can take
turns with other engines in one go:
  {"job": {"model": "elastic-fourier" | "standard", "n": 512, "batch": 32, "attention": "written out" | "fused",
           "mode": "train" | "inference"}, "threads": 2, "turnSeconds": 0.1}
  or, for other models, {"job": {"n": 512, "batch": 32, "mode": …, "configuration": {"model": "elastic", …}}, …}, whose form is
  that of `eft export --format pytorch`, given once as {"modeling": source} before
  -> {"seconds": <one step or one batch, the median of those that fill a turn>}
The first line written is {"torch": version, "capability": the instructions that its kernels take, "AVX512" say}.
Shapes, names and arithmetic are those of the models in src/model/layers.ts. Eager mode, float32.
"""
import json
import math
import statistics
import sys
import time
import types

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, D, HIDDEN, BLOCKS, HEADS, CLASSES = 10_000, 32, 128, 8, 4, 2


class SpectralMixer(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = n
        self.real_filter = nn.Parameter(torch.randn(n // 2 + 1, D) * 0.02)
        self.imag_filter = nn.Parameter(torch.randn(n // 2 + 1, D) * 0.02)

    def forward(self, x):
        spectrum = torch.fft.rfft(x, dim=1) * torch.complex(self.real_filter, self.imag_filter)
        return torch.fft.irfft(spectrum, n=self.n, dim=1)


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.expand, self.contract = nn.Linear(D, HIDDEN), nn.Linear(HIDDEN, D)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x), approximate="tanh"))


class Attention(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.fused = fused
        self.in_proj, self.out_proj = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x, mask):
        batch, n, _ = x.shape
        q, k, v = self.in_proj(x).view(batch, n, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)
        real = mask.bool().view(batch, 1, 1, n)
        if self.fused:
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=real)
        else:
            scores = q @ k.transpose(-1, -2) / math.sqrt(D // HEADS)
            attended = scores.masked_fill(~real, float("-inf")).softmax(-1) @ v
        return self.out_proj(attended.transpose(1, 2).reshape(batch, n, D))


class Layer(nn.Module):
    """Pre-norm mixer and feed-forward, each with its residual."""

    def __init__(self, mixer):
        super().__init__()
        self.norm1, self.mixer = nn.LayerNorm(D), mixer
        self.norm2, self.feed_forward = nn.LayerNorm(D), FeedForward()

    def forward(self, x, mask):
        if isinstance(self.mixer, Attention):
            x = x + mask * self.mixer(self.norm1(x), mask)
        else:
            x = x + mask * self.mixer(mask * self.norm1(x))
        return x + mask * self.feed_forward(self.norm2(x))


class ElasticWaveUnit(nn.Module):
    def __init__(self):
        super().__init__()
        self.frequency, self.project = nn.Parameter(torch.ones(1)), nn.Linear(2 * D, D)

    def forward(self, x, mask):
        phase = self.frequency * x
        return x + mask * self.project(torch.cat([phase.sin(), phase.cos()], -1))


class Classifier(nn.Module):
    def __init__(self, model, n, fused):
        super().__init__()
        self.token, self.position = nn.Embedding(VOCABULARY + 1, D, padding_idx=0), nn.Embedding(n, D)
        layers = []
        for _ in range(BLOCKS):
            if model == "standard":
                layers.append(Layer(Attention(fused)))
            else:
                layers += [Layer(SpectralMixer(n)), Layer(SpectralMixer(n)), ElasticWaveUnit()]
        self.layers, self.head = nn.ModuleList(layers), nn.Linear(D, CLASSES)

    def forward(self, tokens):
        mask = (tokens != 0).unsqueeze(-1).float()
        x = mask * (self.token(tokens) + self.position.weight)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x.sum(1) / mask.sum(1))


modeling = types.ModuleType("modeling_eft")


class Exported(nn.Module):
    """A model as it is exported, of token ids alone."""

    def __init__(self, configuration):
        super().__init__()
        self.model = modeling.EftModel.of(configuration)

    def forward(self, tokens):
        lengths = (tokens != 0).sum(1)
        return self.model({"own": {"ids": tokens, "lengths": lengths, "owners": None, "examples": len(tokens)}})


class Job:
    def __init__(self, n, batch, mode, model=None, attention="written out", configuration=None):
        torch.manual_seed(1)
        self.net = Classifier(model, n, attention == "fused") if configuration is None else Exported(configuration)
        self.mode, shape = mode, configuration or {}
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=1e-3, weight_decay=0.01)
        self.tokens = torch.randint(1, shape.get("vocabulary", VOCABULARY) + 1, (batch, n))
        self.labels = torch.randint(0, shape.get("classes", CLASSES), (batch,))
        self.net.train(mode == "train")

    def run(self):
        if self.mode == "inference":
            with torch.inference_mode():
                self.net(self.tokens)
            return
        self.optimizer.zero_grad()
        F.cross_entropy(self.net(self.tokens), self.labels).backward()
        self.optimizer.step()


def timed_turn(job, least):
    times = []
    while not times or sum(times) < least:
        start = time.perf_counter()
        job.run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    known = hasattr(torch.backends, "cpu")  # from PyTorch 2 on
    capability = torch.backends.cpu.get_cpu_capability() if known else "not told"
    print(json.dumps({"torch": torch.__version__, "capability": capability}), flush=True)
    wanted, job = None, None
    for line in sys.stdin:
        request = json.loads(line)
        if "modeling" in request:
            exec(request["modeling"], modeling.__dict__)
            continue
        torch.set_num_threads(request["threads"])
        if wanted != request["job"]:
            wanted = request["job"]
            job = Job(**wanted)
            job.run()  # warm-up
        print(json.dumps({"seconds": timed_turn(job, request["turnSeconds"])}), flush=True)


main()
