"""Runs exported models by their modeling_eft.py, for pytorch.test.ts.

One JSON object on standard input: {"code": folder with modeling_eft.py, "models": [{"folder": …, "values": […]}],
"golden": [paths]}. Answers with {"scores": [[[score by class] by value] by model], "golden": [largest relative error]}.
"""
import json
import sys

import torch
import torch.nn.functional as F

job = json.load(sys.stdin)
sys.path.insert(0, job["code"])
import modeling_eft as eft  # noqa: E402


def scores(folder, values):
    model = eft.EftModel.from_pretrained(folder)
    inputs = [value if isinstance(value, str) else torch.tensor(value) for value in values]
    answers = [{one["label"]: one["score"] for one in answer} for answer in model.predict(inputs)]
    return [[answer[label] for label in model.classes] for answer in answers]


def golden_error(path):
    """Of logits and of every gradient, relative to the largest number of each."""
    with open(path) as file:
        case = json.load(file)
    meta = case["meta"]
    tensors = {
        name: torch.tensor(one["data"], dtype=torch.float64).reshape(one["shape"])
        for name, one in case["tensors"].items()
    }
    shape = {"dropout": 0, **meta, "sequenceLength": meta["n"], "channels": meta["d"]}
    model = eft.EftModel.of(shape)
    model.load_state_dict({name[6:]: tensor for name, tensor in tensors.items() if name.startswith("param.")})
    tokens = tensors["tokens"].long()
    inputs = {"ids": tokens, "lengths": (tokens != 0).sum(1), "owners": None, "examples": len(tokens)}
    logits = model({"own": inputs})
    F.cross_entropy(logits, tensors["labels"].long()).backward()
    pairs = [(logits, tensors["logits"])]
    pairs += [(p.grad, tensors[f"grad.{name}"]) for name, p in model.named_parameters()]
    largest = max(expected.abs().max().item() for _, expected in pairs[1:])
    sizes = [tensors["logits"].abs().max().item(), *[largest] * (len(pairs) - 1)]
    return max(
        (found - expected).abs().max().item() / size for (found, expected), size in zip(pairs, sizes)
    )


answer = {"scores": [scores(**one) for one in job["models"]]}
torch.set_default_dtype(torch.float64)
answer["golden"] = [golden_error(path) for path in job["golden"]]
print(json.dumps(answer))
