"""A model of elastic-fourier in plain PyTorch (1.13 or later) and the standard library: predicts the same, and trains further.

    python modeling_eft.py predict . --data texts.jsonl
    python modeling_eft.py train . --data train.jsonl --validation test.jsonl --out further --epochs 1
    torchrun --nproc_per_node 2 modeling_eft.py train . --data train.jsonl --out further

or, from Python:

    from modeling_eft import EftModel
    model = EftModel.from_pretrained(".")
    model.predict(["a text"])          # [[{"label": …, "score": …}, …]]
    logits = model(model.collate([model.encode("a text")]))
    model.save_pretrained("further")   # `eft import further --out RUN` takes it back

A model is a torch.nn.Module whose state_dict has the names of model.safetensors. Data are lines of JSON with "text" and
"label" (of signals "values": numbers, or one list of numbers a channel), or CSV and TSV with such a header. A model that was
trained on several fields of a text, joined, takes them by their names: in files, and from Python as a dict.

Texts are brought to Unicode's normal form C where training did so, and halves of surrogate pairs become U+FFFD. HTML is not
stripped, and sounds are not resampled: where training did either (a warning says so), do it before.

Token 0 is padding and stands only at the end; it neither feeds what looks across tokens nor receives from it.
"""
import argparse
import csv
import ctypes
import functools
import itertools
import json
import math
import os
import re
import shutil
import struct
import sys
import unicodedata
import warnings

import torch
import torch.nn.functional as F
from torch import nn

# ---------------------------------------------------------------- safetensors

TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U32": torch.int64,
    "I8": torch.int8,
    "U8": torch.uint8,
}


def read_safetensors(path):
    """Tensors by name, and the metadata. Unsigned 32-bit numbers come as int64."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] not in TYPES or end > len(data):
            raise ValueError(f"{path}: the tensor {name} cannot be read ({entry['dtype']})")
        if entry["dtype"] == "U32":
            tensor = torch.tensor(struct.unpack(f"<{(end - start) // 4}I", data[start:end]), dtype=torch.int64)
        elif end == start:
            tensor = torch.empty(0, dtype=TYPES[entry["dtype"]])
        else:
            tensor = torch.frombuffer(data[start:end], dtype=TYPES[entry["dtype"]])
        tensors[name] = tensor.reshape(entry["shape"]).clone()
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    """Whole: under another name first. int64 goes as unsigned 32-bit numbers: nothing here is larger."""
    names = {torch.float32: "F32", torch.float16: "F16", torch.int64: "U32", torch.int32: "I32"}
    names |= {torch.uint8: "U8", torch.int8: "I8", torch.float64: "F64"}
    header, parts, offset = {"__metadata__": {"format": "pt", **metadata}}, [], 0
    widths = {"F64": 8, "F32": 4, "U32": 4, "I32": 4, "F16": 2, "U8": 1, "I8": 1}
    for name, tensor in sorted(tensors.items(), key=lambda item: -widths[names[item[1].dtype]]):
        tensor = tensor.detach().cpu().contiguous()
        kind = names[tensor.dtype]
        flat = tensor.reshape(-1)
        if kind == "U32":
            raw = struct.pack(f"<{flat.numel()}I", *flat.tolist())
        else:
            raw = ctypes.string_at(flat.data_ptr(), flat.numel() * flat.element_size())
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        parts.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.tmp", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            file.write(part)
    os.replace(f"{path}.tmp", path)


# ---------------------------------------------------------------- encoders: from an input to ids

SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
UNSPACED = ("CJK ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
LINE_BREAK = re.compile(f"<[bB][rR][{SPACES}]*/?>")
UNKNOWN = 1
MASK = 0xFFFFFFFF


@functools.lru_cache(maxsize=None)
def token_pattern():
    """A run of letters, marks and digits, with apostrophes inside it; or one other character that is not a space."""
    inside = [unicodedata.category(chr(code))[0] in "LMN" for code in range(sys.maxunicode + 1)]
    ranges, code = [], 0
    for value, group in itertools.groupby(inside):
        size = len(list(group))
        if value:
            ranges.append(f"{re.escape(chr(code))}-{re.escape(chr(code + size - 1))}")
        code += size
    run = f"[{''.join(ranges)}]+"
    return re.compile(f"{run}(?:['\u2019]{run})*|[^{SPACES}]")


def is_word(token):
    return unicodedata.category(token[0])[0] in "LMN"


def tokens_of(text, segmentation):
    """Lower-cased. Words of scripts without spaces are found by dictionaries, which are not here."""
    tokens = token_pattern().findall(text)
    if segmentation is not None and not text.isascii():
        if any(unicodedata.name(character, "").startswith(UNSPACED) for character in text if character > "\u007f"):
            raise ValueError(
                f"this text has words without spaces between them, which the model finds by the dictionaries of "
                f"{segmentation}: give the ids that elastic-fourier makes of it"
            )
    return [token.lower() for token in tokens]


class Words:
    """Ids 2, 3, … in order of frequency, 1 for others; then hashed n-grams."""

    def __init__(self, saved, arrays):
        self.ids = {word: 2 + i for i, word in enumerate(saved["words"])}
        self.vocabulary, self.ngrams, self.buckets = saved["vocabulary"], saved["ngrams"], saved["buckets"]
        self.segmentation = saved.get("segmentation")

    def units(self, text, most):
        tokens = itertools.islice(tokens_of(text, self.segmentation), most)
        return torch.tensor([self.ids.get(token, UNKNOWN) for token in tokens], dtype=torch.int64)

    def sequence(self, units):
        if len(units) == 0:
            return {"ids": torch.tensor([UNKNOWN])}
        if self.buckets == 0:
            return {"ids": units}
        parts = [units]
        for order in range(2, self.ngrams + 1):
            places = len(units) - order + 1
            hashes = torch.full((max(0, places),), 0x811C9DC5)
            for i in range(order if places > 0 else 0):
                for shift in (0, 8, 16, 24):
                    hashes = ((hashes ^ ((units[i : i + places] >> shift) & 0xFF)) * 0x01000193) & MASK
            parts.append(self.vocabulary + 1 + hashes % self.buckets)
        return {"ids": torch.cat(parts)}


def well_formed(text):
    """Halves of surrogate pairs, which no UTF-8 has, become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def bytes_of(value):
    """Those of a file, or a text's UTF-8."""
    return well_formed(value).encode() if isinstance(value, str) else bytes(value)


class Bytes:
    """Bytes of a file or of a text's UTF-8, id = byte + 1; none are one space."""

    def __init__(self, saved, arrays):
        pass

    def units(self, value, most):
        return torch.tensor([byte + 1 for byte in bytes_of(value)[:most]], dtype=torch.int64)

    def sequence(self, units):
        return {"ids": units if len(units) > 0 else torch.tensor([33])}


def mix(hashes):
    """MurmurHash3's finalizer, of numbers below 2^32."""
    hashes = ((hashes ^ (hashes >> 16)) * 0x85EBCA6B) & MASK
    hashes = ((hashes ^ (hashes >> 13)) * 0xC2B2AE35) & MASK
    return hashes ^ (hashes >> 16)


@functools.lru_cache(maxsize=1 << 18)
def hash_of(token):
    """FNV-1a over UTF-16 units."""
    value, raw = 0x811C9DC5, token.encode("utf-16-le", "surrogatepass")
    for low, high in zip(raw[::2], raw[1::2]):
        value = ((value ^ (low | high << 8)) * 0x01000193) & MASK
    return mix(value)


class Ngrams:
    """N-grams by sorted hashes, with weights: presence or tf-idf, of length 16."""

    def __init__(self, saved, arrays):
        self.ngrams, self.weighting = saved["ngrams"], saved["weighting"]
        unit = saved.get("unit", "words")
        if unit not in ("words", "bytes", "title"):
            raise ValueError(f"n-grams of {unit} are not made here: train with --features words")
        self.bytes, self.title = unit == "bytes", unit == "title"
        self.signs = saved.get("signs", self.weighting != "tf-idf")
        self.orders = saved.get("orders", (1, 2, 3, 5, 7) if self.bytes else range(1, self.ngrams + 1))
        self.segmentation = saved.get("segmentation")
        self.hashes, scales = arrays["hashes"], arrays.get("scales")
        self.scales = None if scales is None else scales.double() / 16

    def units(self, text, most):
        if self.bytes:
            return mix(torch.tensor([byte + 1 for byte in bytes_of(text)[:most]], dtype=torch.int64))
        if self.title:
            lines = re.split(r"[\r\n]", text.lstrip(), maxsplit=1)
            text = lines[0] if len(lines) > 1 else ""
        tokens = tokens_of(LINE_BREAK.sub(" ", text), self.segmentation)
        if not self.signs:
            tokens = filter(is_word, tokens)
        return torch.tensor([hash_of(token) for token in itertools.islice(tokens, most)], dtype=torch.int64)

    def sequence(self, units):
        found, begun = [], units
        for order in range(1, self.ngrams + 1):
            if order > 1:
                begun = begun[:-1]
                begun = mix((begun * 0x9E3779B1 + units[order - 1 :]) & MASK)
            if len(begun) == 0:
                break
            if order not in self.orders:
                continue
            places = torch.searchsorted(self.hashes, begun).clamp_max(len(self.hashes) - 1)
            found.append(places[self.hashes[places] == begun])
        places, counts = torch.cat(found).unique(return_counts=True) if found else (torch.empty(0), None)
        if len(places) == 0:
            return {"ids": torch.tensor([1]), "weights": torch.zeros(1)}
        weights = torch.ones(len(places), dtype=torch.float64)
        if self.scales is not None:
            weights = (1 + counts.double().log()) * self.scales[places]
        return {"ids": places + 1, "weights": (16 * weights / weights.norm()).float()}


class Views:
    """N-grams of several kinds, joined; those of each of a length of their own."""

    class Units(list):
        """Those of each view; as many as the first has."""

        def __len__(self):
            return len(self[0])

    def __init__(self, saved, arrays):
        self.lengths, self.views, self.firsts = arrays["lengths"].tolist(), [], []
        for v, view in enumerate(saved["views"]):
            own = unprefixed(arrays, f"{v}.")
            self.firsts.append(sum(len(one.hashes) for one in self.views if one is not None))
            self.views.append(Ngrams(view, own) if len(own["hashes"]) > 0 or v == 0 else None)

    def units(self, text, most):
        if most is None:
            raise ValueError("a model of several kinds of n-grams reads texts from their beginning here")
        own = [None if view is None else view.units(text, None) for view in self.views]
        share = min(1, most / max(1, len(own[0])))
        cut = [most, *(None if one is None or share == 1 else math.ceil(share * len(one)) for one in own[1:])]
        return Views.Units(one if one is None else one[:end] for one, end in zip(own, cut))

    def sequence(self, units):
        ids, weights = [], []
        for view, first, length, own in zip(self.views, self.firsts, self.lengths, list.__iter__(units)):
            if view is None or len(own) == 0 or len(view.hashes) == 0:
                continue
            found = view.sequence(own)
            if float(found["weights"][0]) != 0:
                ids.append(found["ids"] + first)
                weights.append(found["weights"] * (length / 16))
        if not ids:
            return {"ids": torch.tensor([1]), "weights": torch.zeros(1)}
        return {"ids": torch.cat(ids), "weights": torch.cat(weights)}


class Signals:
    """Rows of `patch` steps, each channel standardised. An input: [steps, channels]."""

    def __init__(self, saved, arrays):
        self.channels, self.patch = saved["channels"], saved["patch"]
        self.means = torch.tensor(saved["means"], dtype=torch.float64)
        self.deviations = torch.tensor(saved["deviations"], dtype=torch.float64)

    def units(self, signal, most):
        values = torch.as_tensor(signal, dtype=torch.float32)
        values = values[:, None] if values.dim() == 1 else values
        if values.shape[0] == 0 or not bool(values.isfinite().all()):
            raise ValueError("a signal needs one step at least, and finite numbers")
        if values.shape[1] != self.channels:
            raise ValueError(f"a signal of {values.shape[1]} channels; the model was trained on {self.channels}")
        return ((values[:most].double() - self.means) / self.deviations).float()

    def sequence(self, units):
        rows = -(-len(units) // self.patch)
        padded = F.pad(units, (0, 0, 0, rows * self.patch - len(units)))
        return {"frames": padded.reshape(rows, self.patch * self.channels)}


def chosen_channels(table, row, channels):
    """Those that a random convolution takes: all that there is, or a row of the table."""
    if table is None:
        return [0]
    width = min(channels, 9) + 1
    numbers = table[row * width : (row + 1) * width].tolist()
    return numbers[1 : 1 + numbers[0]]


class Hydra:
    """Hydra's features (Dempster et al. 2023): groups of eight kernels compete for each step; who gives the largest
    answer, and who the smallest, is counted."""

    def __init__(self, arrays, length, channels):
        self.channels, self.table = channels, arrays.get("hydra.channels")
        self.dilations = [1]
        while 16 * self.dilations[-1] < length:
            self.dilations.append(2 * self.dilations[-1])
        self.weights = arrays["hydra.weights"].reshape(len(self.dilations), 64, 9, 8)

    def mixed(self, rows, row):
        first, *others = chosen_channels(self.table, row, self.channels)
        total = rows[first]
        for channel in others:
            total = total + rows[channel]
        return total

    def features(self, by_channel):
        """by_channel: [channels, steps]"""
        counts = []
        for d, dilation in enumerate(self.dilations):
            for half, rows in enumerate((by_channel, by_channel[:, 1:] - by_channel[:, :-1])):
                steps = rows.shape[1]
                groups = range(32 * half, 32 * half + 32)
                mixed = torch.stack([self.mixed(rows, 64 * d + group) for group in groups])
                padded = F.pad(mixed, (4 * dilation, 4 * dilation))
                weights, answers = self.weights[d, 32 * half : 32 * half + 32], torch.zeros(32, 8, steps)
                # Tap by tap, as the kernels do: the same bits.
                for j in range(9):
                    x = padded[:, None, j * dilation : j * dilation + steps]
                    answers = answers + weights[:, j, :, None] * x
                largest, smallest = answers == answers.amax(1, True), answers == answers.amin(1, True)
                # Of equal answers the first kernel's counts.
                largest, smallest = (one & (one.cumsum(1) == 1) for one in (largest, smallest))
                soft = torch.where(largest, answers, torch.zeros(())).double().sum(2)
                hard = smallest.double().sum(2)
                both = torch.stack((soft, hard), 1) / max(1, steps)
                counts.append(both.float().clamp(min=0).double().sqrt().reshape(-1))
        return torch.cat(counts)


class Rocket:
    """Features of random convolutions: MiniRocket's (Dempster et al. 2021), shares of answers above biases, and Hydra's."""

    def __init__(self, saved, arrays):
        self.signals = Signals(saved["signal"], {})
        self.biases, self.channels = arrays["biases"], arrays.get("channels")
        self.hydra = None
        if saved["version"] > 1:
            self.hydra = Hydra(arrays, saved["length"], self.signals.channels)
        self.kernels = list(itertools.combinations(range(9), 3))
        largest, counts = max(0.0, math.log2((saved["length"] - 1) / 8)) if saved["length"] > 1 else 0.0, {}
        for i in range(32):
            dilation = math.floor(2 ** (largest * i / 31))
            counts[dilation] = counts.get(dilation, 0) + 1
        self.dilations = [[dilation, count * 119 // 32] for dilation, count in counts.items()]
        for i in range(119 - sum(features for _, features in self.dilations)):
            self.dilations[i % len(self.dilations)][1] += 1

    def units(self, signal, most):
        return self.signals.units(signal, most)

    def sequence(self, values):
        steps, shares, feature = len(values), [], 0
        by_channel = values.T.contiguous()
        for d, (dilation, features) in enumerate(self.dilations):
            reach = 4 * dilation
            padded = F.pad(by_channel, (reach, reach))
            shifted = [padded[:, j * dilation : j * dilation + steps] for j in range(9)]
            sums = torch.zeros_like(by_channel)
            for one in shifted:
                sums = sums - one
            taps = [(3 * one.double()).float() for one in shifted]
            for kernel, places in enumerate(self.kernels):
                answers = None
                row = d * len(self.kernels) + kernel
                for channel in chosen_channels(self.channels, row, self.signals.channels):
                    own = sums[channel].double()
                    for place in places:
                        own = own + taps[place][channel].double()
                    answers = own.float() if answers is None else (answers.double() + own).float()
                if (d + kernel) % 2 == 1 and steps > 2 * reach:
                    answers = answers[reach : steps - reach]
                above = answers[None] > self.biases[feature : feature + features, None]
                shares.append(above.double().mean(dim=1))
                feature += features
        if self.hydra is not None:
            shares.append(self.hydra.features(by_channel))
        return {"frames": torch.cat(shares).float()[None]}


def plain_signal(signal, channels, most):
    """The first steps of a signal as they are: [steps, channels]."""
    identity = {"channels": channels, "patch": 1, "means": [0] * channels, "deviations": [1] * channels}
    return Signals(identity, {}).units(signal, most)


def on_grid(rows, times):
    """Brought to `times` rows by straight lines between them, from the first to the last."""
    last = len(rows) - 1
    places = [last * t / (times - 1) if times > 1 else last / 2 for t in range(times)]
    below = torch.tensor([math.floor(place) for place in places])
    shares = torch.tensor([place - math.floor(place) for place in places], dtype=torch.float64)[:, None]
    lower = rows[below]
    return lower + shares * (rows[(below + 1).clamp_max(last)] - lower)


def relative_log(power):
    """Of powers by the largest of them."""
    return (power / max(power.max().item(), 5e-324) + 1e-6).log()


def mel_bands(rate, size, bands):
    """[size / 2 + 1, bands]: triangles, evenly spaced on the mel scale, no narrower than a bin to each side."""
    low, high = (2595 * math.log10(1 + hertz / 700) for hertz in (min(20, rate / 4), rate / 2))
    edges = [700 * (10 ** ((low + (high - low) * b / (bands + 1)) / 2595) - 1) for b in range(bands + 2)]
    width = rate / size
    bins, weights = torch.arange(size // 2 + 1, dtype=torch.float64) * width, []
    for left, centre, right in zip(edges, edges[1:], edges[2:]):
        distance = bins - centre
        sides = torch.where(distance < 0, -distance / max(width, centre - left), distance / max(width, right - centre))
        weights.append((1 - sides).clamp_min(0))
    return torch.stack(weights, 1)


class MelPower:
    """Power of frames under Hann's window in mel bands."""

    def __init__(self, window, hop, rate, bands):
        self.window, self.hop = window, hop
        self.size = 2 ** math.ceil(math.log2(window))
        turns = torch.arange(window, dtype=torch.float64) / window
        self.hann = 0.5 - 0.5 * (2 * math.pi * turns).cos()
        self.bands = mel_bands(rate, self.size, bands)

    def frames(self, values):
        """[frames, channels, window]: zeros behind the end."""
        count = 1 + -(-max(0, len(values) - self.window) // self.hop)
        padded = F.pad(values, (0, 0, 0, max(0, (count - 1) * self.hop + self.window - len(values))))
        return padded.unfold(0, self.window, self.hop)[:count]

    def of(self, frames):
        return torch.fft.rfft(frames * self.hann, self.size).abs() ** 2 @ self.bands


class Mel:
    """Frames of a sound: the logarithm of its power in mel bands by its largest, each standardised."""

    def __init__(self, saved, arrays):
        self.channels, rate = saved["channels"], saved["rate"]
        window, hop = max(2, math.floor(0.025 * rate + 0.5)), max(1, math.floor(0.01 * rate + 0.5))
        self.power = MelPower(window, hop, rate, saved["bands"])
        self.means = torch.tensor(saved["means"], dtype=torch.float64)
        self.deviations = torch.tensor(saved["deviations"], dtype=torch.float64)

    def units(self, signal, most):
        return plain_signal(signal, self.channels, most)

    def sequence(self, values):
        rows = relative_log(self.power.of(self.power.frames(values.double()))).flatten(1)
        return {"frames": ((rows - self.means) / self.deviations).float()}


class Spectrum:
    """A row of a signal: its MFCC on a grid of time with their statistics; of series the series and its spectrum."""

    def __init__(self, saved, arrays):
        self.saved, self.channels = saved, saved["channels"]
        self.means, self.scales = arrays["means"].double(), arrays["scales"].double()
        self.frames = saved.get("frames")
        if self.frames is None:
            return
        self.power = MelPower(*(self.frames[name] for name in ("window", "hop", "rate", "bands")))
        bands = self.frames["bands"]
        numbers, k = torch.arange(bands, dtype=torch.float64), torch.arange(saved["coefficients"], dtype=torch.float64)
        self.cosines = (math.pi * (numbers[:, None] + 0.5) * k / bands).cos() * math.sqrt(2 / bands)
        self.cosines[:, 0] = math.sqrt(1 / bands)

    def units(self, signal, most):
        return plain_signal(signal, self.channels, most)

    def cepstra(self, values):
        """[frames, coefficients] of each channel, without silence at both ends."""
        centred = (values.double() - values.double().mean(0)).float().double()
        frames = self.power.frames(centred)
        energies = (frames**2).sum((1, 2))
        loud = (energies >= 0.003 * energies.max()).nonzero()[:, 0]
        frames = frames[loud[0] : loud[-1] + 1]
        return list((relative_log(self.power.of(frames)) @ self.cosines).unbind(1))

    def sequence(self, values):
        parts, points = [], self.saved["points"]
        if self.frames is not None:
            cepstra = self.cepstra(values)
            parts += [on_grid(rows, self.saved["times"]).reshape(-1) for rows in cepstra]
            for rows in cepstra:
                parts += [rows.mean(0), rows.std(0, unbiased=False)]
            parts.append(torch.tensor([math.log(len(cepstra[0]))], dtype=torch.float64))
        if points > 0:
            series = [on_grid(channel[:, None], points)[:, 0] for channel in values.double().unbind(1)]
            size = 2 ** max(1, math.ceil(math.log2(points)))
            parts += series
            for one in series:
                power = torch.fft.rfft(one - one.mean(), size)[1 : 1 + points // 2].abs() ** 2
                parts.append(relative_log(power) if points > 1 else power)
        row = ((torch.cat(parts).float().double() - self.means) * self.scales).float()
        return {"frames": torch.cat([row, (row.double() ** 2).sum().float()[None]])[None]}


ENCODERS = {"words": Words, "bytes": Bytes, "ngrams": Ngrams, "views": Views, "signal": Signals, "rocket": Rocket, "mel": Mel, "spectrum": Spectrum}


def encoder_of(saved, arrays):
    kind = saved["format"].split("/")[-1]
    if kind not in ENCODERS:
        raise ValueError(f"there is no encoder '{kind}' here; known are {', '.join(ENCODERS)}")
    return ENCODERS[kind](saved, arrays)


def read(value, reading):
    """An input as the model's training read it, but for HTML, resampling and missing values."""
    if isinstance(value, dict):
        absent = [name for name in reading.get("fields", []) if name not in value]
        if absent or not reading.get("fields"):
            raise ValueError(f"this model reads the fields {reading.get('fields', [])} of a text; {absent} are missing")
        texts = [str(value[name]) for name in reading["fields"] if value[name] is not None]
        value = "\n".join(text for text in texts if text)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", well_formed(value)) if reading.get("unicode") == "nfc" else value
    if reading.get("mono"):
        values = torch.as_tensor(value, dtype=torch.float32)
        if values.dim() == 2 and values.shape[1] > 1:
            return values.double().mean(dim=1, keepdim=True).float()
    return value


def not_done(reading):
    """What of a reading this program leaves to whoever calls it: sentences."""
    if reading.get("html") == "strip":
        yield "its training texts had their HTML stripped, which modeling_eft.py does not do: strip it first"
    if reading.get("resample"):
        yield f"its signals were resampled to {reading['resample']} samples a second, which modeling_eft.py does not do"
    if reading.get("missing", "refuse") != "refuse":
        yield "missing values of its signals were filled in, which modeling_eft.py does not do: it refuses them"


def sequences_of(encoder, value, length, long, overlap=True):
    """The sequences that an input gives: one, or with windows as many as it takes."""
    units = encoder.units(value, length if long == "head" else None)
    count = len(units)
    if count <= length:
        return [encoder.sequence(units)]
    if long == "tail":
        return [encoder.sequence(units[count - length :])]
    if long == "head-tail":
        head = (length + 1) // 2
        return [encoder.sequence(torch.cat([units[:head], units[count - length + head :]]))]
    step = (length + 1) // 2 if overlap else length
    starts = [*range(0, count - length, step), count - length]
    return [encoder.sequence(units[start : start + length]) for start in starts]


# ---------------------------------------------------------------- layers


def gelu(x):
    return F.gelu(x, approximate="tanh")


class SpectralMixer(nn.Module):
    """y[:, c] = irfft(rfft(x[:, c]) * filter[:, c]): a circular convolution over n tokens, one filter a channel."""

    def __init__(self, n, d):
        super().__init__()
        self.n = n
        self.real_filter = nn.Parameter(0.02 * torch.randn(n // 2 + 1, d))
        self.imag_filter = nn.Parameter(0.02 * torch.randn(n // 2 + 1, d))

    def forward(self, x):
        spectrum = torch.fft.rfft(x, n=self.n, dim=1) * torch.complex(self.real_filter, self.imag_filter)
        return torch.fft.irfft(spectrum, n=self.n, dim=1)[:, : x.shape[1]]


class FeedForward(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.expand, self.contract = nn.Linear(d, hidden), nn.Linear(hidden, d)

    def forward(self, x):
        return self.contract(gelu(self.expand(x)))


class SpectralLayer(nn.Module):
    def __init__(self, n, d, hidden, dropout):
        super().__init__()
        self.norm1, self.mixer = nn.LayerNorm(d), SpectralMixer(n, d)
        self.norm2, self.feed_forward = nn.LayerNorm(d), FeedForward(d, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        x = x + mask * self.dropout(self.mixer(mask * self.norm1(x)))
        return x + mask * self.dropout(self.feed_forward(self.norm2(x)))


class ElasticWave(nn.Module):
    """x + W [sin(w x); cos(w x)] + b, with one learned frequency."""

    def __init__(self, d, dropout):
        super().__init__()
        self.frequency, self.project = nn.Parameter(torch.ones(1)), nn.Linear(2 * d, d)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        phase = self.frequency * x
        return x + mask * self.dropout(self.project(torch.cat([phase.sin(), phase.cos()], -1)))


class ElasticFourierBlock(nn.Module):
    def __init__(self, n, d, hidden, dropout):
        super().__init__()
        self.layers = nn.ModuleList(SpectralLayer(n, d, hidden, dropout) for _ in range(2))
        self.wave = ElasticWave(d, dropout)

    def forward(self, x, mask):
        for layer in self.layers:
            x = layer(x, mask)
        return self.wave(x, mask)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.in_proj, self.out_proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x, mask):
        batch, n, d = x.shape
        q, k, v = self.in_proj(x).view(batch, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        real = mask.bool().view(batch, 1, 1, n)
        if hasattr(F, "scaled_dot_product_attention"):
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=real)
        else:
            scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)
            attended = scores.masked_fill(~real, -math.inf).softmax(-1) @ v
        return self.out_proj(attended.transpose(1, 2).reshape(batch, n, d))


class AttentionBlock(nn.Module):
    def __init__(self, d, hidden, heads, dropout):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(d), Attention(d, heads)
        self.norm2, self.feed_forward = nn.LayerNorm(d), FeedForward(d, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        x = x + mask * self.dropout(self.attention(self.norm1(x), mask))
        return x + mask * self.dropout(self.feed_forward(self.norm2(x)))


DECAY = 0.5


def long_scale(width, scales):
    """What makes the expected square sum of a fresh kernel, both directions together, 1."""
    variances = [1 if s == 0 else 2 / 3 - 1 / (6 * 4**s) for s in range(scales)]
    return sum(2 * width * 2**s * v * DECAY ** (2 * s) for s, v in enumerate(variances)) ** -0.5


# Numbers of a scale; what they begin as and are multiplied by; whether the token itself counts.
LONG_KERNELS = {"broad": (16, 1, long_scale, False), "fine": (4, 0.3, lambda width, scales: 0.5, True)}


class Convolution(nn.Module):
    """
    Over real tokens alone, a channel each. `forward` and `backward` [scales, k, d] are long kernels from few numbers
    (SGConv, arXiv 2210.09298): scale s has k numbers for k · 2^s lags, interpolated, times 0.5^s. `short` [taps, d] is
    added around each token. Without scales: `short` and a bias.
    """

    def __init__(self, n, d, scales, taps, kind):
        super().__init__()
        self.width, deviation, scale, centre = LONG_KERNELS[kind]
        centred = taps == 0 and scales > 0 and centre
        self.scales, self.taps = scales, 1 if centred else taps
        # Not by attribute: `forward` is a method.
        if scales > 0:
            self._parameters["forward"] = nn.Parameter(deviation * torch.randn(scales, self.width, d))
            self._parameters["backward"] = nn.Parameter(deviation * torch.randn(scales, self.width, d))
            reach = min(n, self.width * (2**scales - 1))
            shares = self.shares_of(reach, scale(self.width, scales))
            self.register_buffer("shares", shares, persistent=False)
        if centred:
            self.short = nn.Parameter(torch.ones(1, d))
        elif taps > 0:
            self.short = nn.Parameter(torch.empty(taps, d).uniform_(-(taps**-0.5), taps**-0.5))
        if scales == 0 and taps > 0:
            self.bias = nn.Parameter(torch.zeros(d))

    def shares_of(self, reach, scale):
        """[reach, numbers]: a direction's kernel is this times its numbers."""
        width, first = self.width, 0
        shares = torch.zeros(reach, self.scales * width, dtype=torch.float64)
        for s in range(self.scales):
            size = scale * DECAY**s
            for j in range(min(width * 2**s, reach - first)):
                at = min(width - 1, max(0, (j + 0.5) / 2**s - 0.5))
                below = math.floor(at)
                above = min(width - 1, below + 1)
                shares[first + j, s * width + below] += size * (1 - (at - below))
                shares[first + j, s * width + above] += size * (at - below)
            first += width * 2**s
        return shares.to(torch.get_default_dtype())

    def forward(self, x):
        """[batch, tokens, d] with zeros for padding."""
        batch, tokens, d = x.shape
        if self.scales == 0:
            if self.taps == 0:
                return x
            weight = self.short.T[:, None]
            return F.conv1d(x.transpose(1, 2), weight, self.bias, padding=self.taps // 2, groups=d).transpose(1, 2)
        shares = self.shares[:tokens]
        ahead = shares @ self._parameters["forward"].flatten(0, 1)
        behind = shares @ self._parameters["backward"].flatten(0, 1)
        reach = max(len(shares), self.taps // 2 + 1)
        size = good_size(tokens + reach)
        zeros = ahead.new_zeros(size - len(ahead) - len(behind), d)
        # Lags 0, 1, … from the beginning, lags −1, −2, … from the end: nothing wraps around.
        kernel = torch.cat([ahead, zeros, behind.flip(0)])
        if self.taps > 0:
            lags = [(self.taps // 2 - j) % size for j in range(self.taps)]
            kernel = kernel.index_add(0, torch.tensor(lags, device=x.device), self.short)
        spectrum = torch.fft.rfft(x, n=size, dim=1) * torch.fft.rfft(kernel, dim=0)
        return torch.fft.irfft(spectrum, n=size, dim=1)[:, :tokens]


def good_size(least):
    """A number that transforms are quick at."""
    sizes = (2**a * b for a in range(2, 31) for b in (1, 3, 5, 9, 15))
    return min(size for size in sizes if size >= least)


class GatedBlock(nn.Module):
    """x + W (convolution(V norm(x)) · σ(G norm(x)))"""

    def __init__(self, n, d, scales, taps, kind, dropout):
        super().__init__()
        self.norm, self.value, self.gate = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)
        self.convolution, self.project = Convolution(n, d, scales, taps, kind), nn.Linear(d, d)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        normed = self.norm(x)
        mixed = self.convolution(mask * self.value(normed))
        return x + mask * self.dropout(self.project(mixed * torch.sigmoid(self.gate(normed))))


def shifted_rows(x, before, count):
    """`count` rows side by side, the first of them `before` rows back, zeros beyond both ends."""
    padded = F.pad(x, (0, 0, before, count - 1 - before))
    return torch.cat([padded[:, j : j + x.shape[1]] for j in range(count)], -1)


def largest(x, mask):
    return x.masked_fill(~mask.bool(), -math.inf).amax(1)


class Filters(nn.Linear):
    """How strongly pairs of filters answer to a window: (a² + b² + 10⁻⁴)^¼, normed."""

    def __init__(self, numbers, filters):
        super().__init__(numbers, 2 * filters)
        self.norm = nn.LayerNorm(filters)

    def forward(self, x):
        a, b = super().forward(x).chunk(2, -1)
        return self.norm((a * a + b * b + 1e-4) ** 0.25)


class Rows(nn.Module):
    """How models with blocks begin: embedded tokens, or the windows of a signal through a linear layer."""

    def __init__(self, model, positions):
        super().__init__()
        d, signal, n = model["channels"], model.get("signal"), rows_of(model)
        self.word_dropout, self.shape = model.get("wordDropout", 0), signal
        if signal is None:
            self.token = nn.Embedding(model["vocabulary"] + model.get("buckets", 0) + 1, d, padding_idx=0)
        elif positions:
            self.token = nn.Embedding(2, d, padding_idx=0)
        if positions:
            self.position = nn.Embedding(n, d)
        if signal is not None:
            filters = signal["filters"]
            self.signal = nn.Linear(filters or window_numbers(signal), d)

    def forward(self, inputs, mask, filters=None):
        x = None
        if self.shape is None:
            ids = inputs["ids"]
            if self.training and self.word_dropout > 0:
                dropped = (torch.rand(ids.shape, device=ids.device) < self.word_dropout) & (ids != 0)
                ids = ids.masked_fill(dropped, UNKNOWN)
            x = self.token(ids)
        else:
            frames, numbers = inputs["frames"], window_numbers(self.shape)
            windows = shifted_rows(frames, 0, -(-numbers // frames.shape[-1]))[..., :numbers]
            x = self.signal(windows if filters is None else filters(windows))
            if hasattr(self, "token"):
                x = x + self.token(mask[..., 0].long())
        if hasattr(self, "position"):
            x = x + self.position.weight[: x.shape[1]]
        return mask * x


def window_numbers(signal):
    """Numbers that a model looks at from a row's first one on."""
    bands, patch, window = signal.get("bands"), signal["patch"], signal["window"]
    return signal["channels"] * (window if bands is None else bands * -(-window // patch))


def rows_of(model):
    """Rows that a sequence can have."""
    signal = model.get("signal")
    return model["sequenceLength"] if signal is None else max(2, -(-model["sequenceLength"] // signal["patch"]))


# ---------------------------------------------------------------- models


class EftModel(nn.Module):
    """
    A classifier. `forward` takes what `collate` makes and gives logits, [batch, classes], divided by the temperature that
    was fitted on validation. `config` is that of config.json.
    """

    def __init__(self, model):
        super().__init__()
        self.shape = model
        # The path of n-grams, if there is one, and whether it is alone.
        self.linear, self.left_out = None, False
        self.encoder, self.classes, self.temperature = None, [], 1.0
        # Of a model of any number of labels: the score from which on each is answered.
        self.thresholds = None
        self.reading, self.config, self.metadata, self.arrays = {}, {}, {}, {}
        self.folder = None

    @staticmethod
    def of(model):
        """An untrained model of a configuration (`model` in config.json)."""
        if model["model"] not in FAMILIES:
            raise ValueError(f"there is no model '{model['model']}' here; known are {', '.join(FAMILIES)}")
        return FAMILIES[model["model"]](model)

    @staticmethod
    def from_pretrained(folder):
        """From what `eft export --format pytorch` or `save_pretrained` wrote."""
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        if config.get("format") != "elastic-fourier/run":
            raise ValueError(f"{folder}/config.json is not of elastic-fourier")
        with open(os.path.join(folder, "encoder.json"), encoding="utf-8") as file:
            encoder = json.load(file)
        tensors, metadata = read_safetensors(os.path.join(folder, "model.safetensors"))
        path = json.loads(metadata["linear"]) if "linear" in metadata else None
        model = EftModel.of(config["model"])
        arrays = {name: tensor for name, tensor in tensors.items() if is_encoders(name)}
        model.encoder = encoder_of(encoder, unprefixed(arrays, "encoder."))
        if path is not None:
            if path["fusion"]["deep"] == 0:
                model.leave_out()
            model.linear = EftModel.of(path["model"])
            model.linear.encoder = encoder_of(path["encoder"], unprefixed(arrays, "linear.encoder."))
        weights = {name: tensor.float() for name, tensor in tensors.items() if not is_encoders(name)}
        model.load_state_dict(weights)
        model.config, model.metadata, model.arrays, model.folder = config, metadata, arrays, folder
        model.classes, model.temperature = config["classes"], float(metadata.get("temperature", 1))
        if model.shape.get("multiLabel"):
            decision = json.loads(metadata["decision"]) if "decision" in metadata else {}
            model.thresholds = decision.get("thresholds", [0.5] * len(model.classes))
        model.reading = config.get("reading", {})
        for sentence in not_done(model.reading):
            warnings.warn(f"{folder}: {sentence}", stacklevel=2)
        return model.eval()

    def save_pretrained(self, folder):
        """Writes the folder that `from_pretrained`, elastic-fourier's `load` and `eft import` read."""
        os.makedirs(folder, exist_ok=True)
        same = self.folder is not None and os.path.realpath(folder) == os.path.realpath(self.folder)
        names = ["encoder.json", "tokenizer.json", "tokenizer_config.json", "config.json"]
        for source in [] if same else [*(os.path.join(self.folder, name) for name in names), __file__]:
            if os.path.exists(source):
                shutil.copy(source, os.path.join(folder, os.path.basename(source)))
        # The epoch that these weights were of is past.
        metadata = {name: value for name, value in self.metadata.items() if name not in ("epoch", "format")}
        tensors = {name: tensor.detach().float() for name, tensor in self.state_dict().items()}
        write_safetensors(os.path.join(folder, "model.safetensors"), {**tensors, **self.arrays}, metadata)

    def leave_out(self):
        """Takes the deep path away: validation found no use for it."""
        for name in list(self._modules):
            del self._modules[name]
        self.left_out = True

    def encode(self, value, training=False):
        """What the model reads of a text (or a dict of its fields) or a signal: sequences for each of its paths."""
        value, long = read(value, self.reading), self.reading.get("long", "head")
        paths = {"linear": self.linear} if self.linear is not None else {}
        if not self.left_out:
            paths["own"] = self
        return {
            name: sequences_of(path.encoder, value, path.shape["sequenceLength"], long, not training)
            for name, path in paths.items()
        }

    def collate(self, encoded):
        """Tensors for `forward`: of each path sequences padded to the longest, and whose they are."""
        device = next(self.parameters()).device
        inputs = {}
        for path in encoded[0]:
            owners = [i for i, one in enumerate(encoded) for _ in one[path]]
            parts = [sequence for one in encoded for sequence in one[path]]
            padded = {
                name: nn.utils.rnn.pad_sequence([part[name] for part in parts], batch_first=True).to(device)
                for name in parts[0]
            }
            lengths = torch.tensor([len(next(iter(part.values()))) for part in parts], device=device)
            windows = None if len(parts) == len(encoded) else torch.tensor(owners, device=device)
            inputs[path] = {**padded, "lengths": lengths, "owners": windows, "examples": len(encoded)}
        return inputs

    def forward(self, inputs):
        logits = 0
        if "own" in inputs:
            own = filled(inputs["own"], self.encoder)
            logits = logits + averaged(self.logits(own, mask_of(own)), own, self.shape.get("multiLabel"))
        if "linear" in inputs:
            own = filled(inputs["linear"], self.linear.encoder)
            logits = logits + averaged(self.linear.logits(own, mask_of(own)), own, self.shape.get("multiLabel"))
        return logits / self.temperature

    def logits(self, inputs, mask):
        """Of sequences, [sequences, classes]."""
        raise NotImplementedError

    @torch.no_grad()
    def predict(self, values, top_k=None, batch=64):
        """
        Classes with their probabilities, largest first, of each text or signal; of a model of any number of labels, each
        with its own, and whether it is answered.
        """
        self.eval()
        answers = []
        for start in range(0, len(values), batch):
            encoded = [self.encode(value) for value in values[start : start + batch]]
            logits = self(self.collate(encoded))
            for row in logits.softmax(-1) if self.thresholds is None else logits.double().sigmoid():
                order = row.argsort(descending=True, stable=True)[:top_k].tolist()
                answers.append([{"label": self.classes[c], "score": row[c].item(), **self.chosen(row, c)} for c in order])
        return answers

    def chosen(self, row, c):
        return {} if self.thresholds is None else {"chosen": row[c].item() >= self.thresholds[c]}


def is_encoders(name):
    return name.startswith(("encoder.", "linear.encoder."))


def unprefixed(tensors, prefix):
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def filled(inputs, encoder):
    """Sequences without a token have the one that the encoder gives an empty text: a mean over none is none."""
    empty = inputs["lengths"] < 1
    if "ids" not in inputs or not bool(empty.any()):
        return inputs
    given = encoder.sequence(encoder.units("", 1))
    inputs = {**inputs, "lengths": inputs["lengths"].clamp(min=1)}
    for name, values in given.items():
        rows = F.pad(inputs[name], (0, 1)) if inputs[name].shape[1] == 0 else inputs[name].clone()
        rows[empty, 0] = values[0].to(rows)
        inputs[name] = rows
    return inputs


def mask_of(inputs):
    """[sequences, tokens, 1]: 1 for real tokens, else 0."""
    content = inputs["ids"] if "ids" in inputs else inputs["frames"]
    places = torch.arange(content.shape[1], device=content.device)
    return (places < inputs["lengths"][:, None]).unsqueeze(-1).to(torch.get_default_dtype())


def averaged(logits, inputs, many=False):
    """Of inputs in windows the logarithms of their mean scores; of any number of labels the logits of these."""
    owners = inputs["owners"]
    if owners is None:
        return logits
    scores = logits.sigmoid() if many else logits.log_softmax(-1).exp()
    sums = scores.new_zeros(inputs["examples"], scores.shape[1]).index_add(0, owners, scores)
    if many:
        others = scores.new_zeros(sums.shape).index_add(0, owners, (-logits).sigmoid())
        return sums.log() - others.log()
    return (sums / torch.bincount(owners, minlength=inputs["examples"])[:, None]).log()


class Blocks(EftModel):
    """Rows, blocks, the mean of real rows, a linear layer: the paper's models."""

    def __init__(self, model):
        super().__init__(model)
        self.embedding = Rows(model, positions=True)
        add_filters(self, model)
        self.dropout = nn.Dropout(model["dropout"])
        self.blocks = nn.ModuleList(self.block(model) for _ in range(model["blocks"]))
        self.head = nn.Linear(model["channels"], model["classes"])

    def logits(self, inputs, mask):
        x = self.dropout(self.embedding(inputs, mask, getattr(self, "filters", None)))
        for block in self.blocks:
            x = block(x, mask)
        return self.head((mask * x).sum(1) / mask.sum(1))


def add_filters(module, model):
    signal = model.get("signal")
    if signal is not None and signal["filters"] > 0:
        module.filters = Filters(signal["channels"] * signal["window"], signal["filters"])


class ElasticFourier(Blocks):
    def block(self, model):
        return ElasticFourierBlock(rows_of(model), model["channels"], model["hidden"], model["dropout"])


class Standard(Blocks):
    def block(self, model):
        return AttentionBlock(model["channels"], model["hidden"], model["heads"], model["dropout"])


class Bag(EftModel):
    """fastText's model: the mean of embeddings and a linear layer."""

    def __init__(self, model):
        super().__init__(model)
        self.embedding = Rows(model, positions=False)
        self.dropout = nn.Dropout(model["dropout"])
        self.head = nn.Linear(model["channels"], model["classes"])

    def logits(self, inputs, mask):
        x = self.dropout(self.embedding(inputs, mask))
        return self.head(x.sum(1) / mask.sum(1))


class Linear(EftModel):
    """A weight for each n-gram and output, and a scale for each output."""

    def __init__(self, model):
        super().__init__(model)
        columns = 1 if model["classes"] == 2 and not model.get("multiLabel") else model["classes"]
        self.evidence = nn.Embedding(model["vocabulary"] + 1, columns, padding_idx=0)
        self.head = nn.Linear(columns, model["classes"])
        self.dropout = nn.Dropout(model["dropout"])

    def logits(self, inputs, mask):
        weights = self.dropout(inputs["weights"]).unsqueeze(-1)
        return self.head((weights * self.evidence(inputs["ids"])).sum(1))


class Elastic(EftModel):
    """Filters over neighbours and long convolutions, of each the largest answer; and gated blocks, where there are any."""

    def __init__(self, model):
        super().__init__(model)
        d, scales, taps, bank = (model[name] for name in ("channels", "scales", "taps", "bank"))
        n, modes, kind = rows_of(model), model["cosineModes"], model.get("longKernel", "broad")
        self.embedding = Rows(model, positions=False)
        add_filters(self, model)
        self.dropout = nn.Dropout(model["dropout"])
        gated = (n, d, scales, taps, kind, model["dropout"])
        self.blocks = nn.ModuleList(GatedBlock(*gated) for _ in range(model["blocks"]))
        if model["blocks"] > 0 or bank == 0:
            self.norm = nn.LayerNorm(d)
        if bank > 0:
            self.window = max(1, taps)
            if scales > 0:
                self.long = Convolution(n, d, scales, 0, kind)
            self.bank = nn.Linear((self.window + (1 if scales > 0 else 0)) * d, bank)
        self.head = nn.Linear(modes * d + (bank or d), model["classes"])

    def logits(self, inputs, mask):
        shape = self.shape
        x = self.embedding(inputs, mask, getattr(self, "filters", None))
        if shape["bank"] == 0 or shape.get("signal") is not None:
            x = self.dropout(x)
        for block in self.blocks:
            x = block(x, mask)
        if hasattr(self, "norm"):
            x = mask * self.norm(x)
        if shape["bank"] > 0:
            views = shifted_rows(x, self.window // 2, self.window)
            if shape["scales"] > 0:
                views = torch.cat([views, self.long(x)], -1)
            pooled = self.dropout(gelu(largest(self.bank(views), mask)))
        else:
            pooled = largest(x, mask)
        if shape["cosineModes"] > 0:
            lengths = mask.sum(1)
            turn = (torch.arange(x.shape[1], device=x.device)[None, :, None] + 0.5) / lengths[:, None]
            modes = [(x * (math.pi * k * turn).cos()).sum(1) / lengths for k in range(shape["cosineModes"])]
            pooled = torch.cat([*modes, pooled], -1)
        return self.head(pooled)


class RocketHead(EftModel):
    """A linear layer over features of random convolutions."""

    def __init__(self, model):
        super().__init__(model)
        # Those of MiniRocket alone, where the model does not say.
        features = (model.get("signal") or {}).get("features") or 9996
        self.head = nn.Linear(features, model["classes"])

    def logits(self, inputs, mask):
        return self.head(inputs["frames"][:, 0])


class KernelMachine(EftModel):
    """Gaussian kernels of a row and centres, exp(-|x - c|^2 / 2), and a linear layer."""

    def __init__(self, model):
        super().__init__(model)
        shape = model["signal"]
        self.centres = nn.Linear(shape["features"], shape["centres"])
        self.head = nn.Linear(shape["centres"], model["classes"])

    def logits(self, inputs, mask):
        return self.head(self.centres(inputs["frames"][:, 0]).exp())


FAMILIES = {
    "elastic-fourier": ElasticFourier,
    "standard": Standard,
    "bag": Bag,
    "linear": Linear,
    "elastic": Elastic,
    "rocket": RocketHead,
    "spectrum": KernelMachine,
}

# ---------------------------------------------------------------- data and training


def read_examples(path, classes=None, fields=(), many=False):
    """
    Texts or signals, and the numbers of their labels where classes are given, or, of any number of labels (many), whether
    they have each. fields: of a text in several.
    """
    values, labels = [], []
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith((".csv", ".tsv")):
            csv.field_size_limit(1 << 30)
            rows = enumerate(csv.DictReader(file, delimiter="\t" if path.endswith(".tsv") else ","), 2)
        else:
            rows = ((number, json.loads(line)) for number, line in enumerate(file, 1) if line.strip())
        for number, row in rows:
            content = row.get("text", row.get("values"))
            if fields and all(name in row for name in fields):
                content = {name: row[name] for name in fields}
            if content is None:
                missing = f"{', '.join(fields)} (all of them) or 'text'" if fields else "'text' or 'values'"
                raise SystemExit(f"{path}:{number}: no field {missing}")
            if isinstance(content, list):
                content = torch.tensor(content, dtype=torch.float32)
                content = content.T if content.dim() == 2 else content
            values.append(content)
            if classes is not None:
                given = row.get("label", row.get("labels"))
                own = [str(one) for one in given] if isinstance(given, list) else [str(given)]
                unknown = next((one for one in own if one not in classes), None)
                if unknown is not None:
                    raise SystemExit(f"{path}:{number}: the model has no class {unknown!r}")
                if not many and len(own) != 1:
                    raise SystemExit(f"{path}:{number}: {len(own)} labels, and the model knows one each")
                found = [classes.index(one) for one in own]
                labels.append([float(c in found) for c in range(len(classes))] if many else found[0])
    if not values:
        raise SystemExit(f"{path}: no examples")
    return values, labels


def score(model, path):
    """Accuracy (of any number of labels: of them all together) and mean cross-entropy on a file."""
    many = model.thresholds is not None
    values, labels = read_examples(path, model.classes, model.reading.get("fields", ()), many)
    right, loss = 0, 0.0
    for own, answer in zip(labels, model.predict(values)) if many else ():
        truth = dict(zip(model.classes, own))
        right += all(one["chosen"] == (truth[one["label"]] > 0) for one in answer)
        chances = [one["score"] if truth[one["label"]] > 0 else 1 - one["score"] for one in answer]
        loss -= sum(math.log(max(1e-300, chance)) for chance in chances) / len(answer)
    if many:
        return right / len(labels), loss / len(labels)
    for label, answer in zip(labels, model.predict(values)):
        right += answer[0]["label"] == model.classes[label]
        loss -= math.log(max(1e-300, next(one["score"] for one in answer if one["label"] == model.classes[label])))
    return right / len(labels), loss / len(labels)


def train(options):
    """Further training by AdamW, on one process or, under torchrun, on several with gradients averaged."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if torch.cuda.is_available() else "cpu"
    if world > 1:
        # Some builds (Debian's) have no libuv, which PyTorch would ask for.
        os.environ.setdefault("USE_LIBUV", "0")
        torch.distributed.init_process_group("gloo" if device == "cpu" else "nccl")
    torch.manual_seed(options.seed + rank)
    model = EftModel.from_pretrained(options.folder).to(device)
    many = model.thresholds is not None
    values, labels = read_examples(options.data, model.classes, model.reading.get("fields", ()), many)
    encoded = [model.encode(value, training=True) for value in values]
    trained = nn.parallel.DistributedDataParallel(model) if world > 1 else model
    settings = model.config.get("training", {})
    rate = options.learning_rate or 0.1 * settings.get("learningRate", 1e-3)
    batch = options.batch or settings.get("batchSize", 32)
    optimizer = torch.optim.AdamW(trained.parameters(), lr=rate, weight_decay=settings.get("weightDecay", 0.01))
    per_epoch = -(-len(values) // (batch * world))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / (per_epoch * options.epochs))
    smoothing = model.shape.get("labelSmoothing", 0)
    for epoch in range(1, options.epochs + 1):
        trained.train()
        # The same order everywhere; each process takes its own share of a batch.
        order = torch.randperm(len(values), generator=torch.Generator().manual_seed(options.seed + epoch)).tolist()
        order = list(itertools.islice(itertools.cycle(order), per_epoch * batch * world))
        total = 0.0
        for step in range(per_epoch):
            own = order[step * batch * world + rank : (step + 1) * batch * world : world]
            logits = trained(model.collate([encoded[i] for i in own]))
            truth = torch.tensor([labels[i] for i in own], device=device)
            if many:
                loss = F.binary_cross_entropy_with_logits(logits, (1 - smoothing) * truth + smoothing / 2)
            else:
                loss = F.cross_entropy(logits, truth, label_smoothing=smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        if rank == 0:
            said = f"epoch {epoch}: training loss {total / per_epoch:.4f}"
            if options.validation:
                said += ", validation accuracy {:.4f}, loss {:.4f}".format(*score(model, options.validation))
            print(said, flush=True)
    if rank == 0:
        model.save_pretrained(options.out)
        print(f"written: {options.out}; eft import {options.out} --out RUN takes it back")
    if world > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def predict(options):
    model = EftModel.from_pretrained(options.folder)
    values, _ = read_examples(options.data, fields=model.reading.get("fields", ()))
    for answer in model.predict(values, options.top_k):
        own = answer[0] if model.thresholds is None else {"labels": [one["label"] for one in answer if one["chosen"]]}
        print(json.dumps({**own, "scores": answer}, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    asked = commands.add_parser("predict", help="label texts or signals: JSON lines")
    asked.add_argument("folder")
    asked.add_argument("--data", required=True)
    asked.add_argument("--top-k", type=int)
    asked.set_defaults(run=predict)
    further = commands.add_parser("train", help="train further, on one process or under torchrun")
    further.add_argument("folder")
    further.add_argument("--data", required=True)
    further.add_argument("--validation")
    further.add_argument("--out", required=True)
    further.add_argument("--epochs", type=int, default=1)
    further.add_argument("--batch", type=int, help="examples a step and process (default: the model's own)")
    further.add_argument("--learning-rate", type=float, help="at the beginning (default: a tenth of the model's own)")
    further.add_argument("--seed", type=int, default=1)
    further.set_defaults(run=train)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
