"""Runs exported models by their modeling_eft.py, for pytorch.test.ts.

One JSON object on standard input: {"code": folder with modeling_eft.py, "models": [{"folder": …, "values": […]}],
"golden": [paths], "padding": [folders], "readings": [{"folder": …, "values": […]}]}. Answers with {"scores": [[[score by
class] by value] by model], "golden": [largest relative error], "padding": [[of a row of padding beside another one, and of
an empty text] by folder], "readings": [{"ids": [ids by value, or the error], "warnings": […]}]}; the last two where asked.
"""
import json
import sys
import warnings

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


@torch.no_grad()
def padding(folder):
    model = eft.EftModel.from_pretrained(folder)
    inputs = model.collate([model.encode("the patch of the list"), model.encode("")])
    rows = []
    for width in (None, 0):
        changed = {}
        for path, own in inputs.items():
            values = {name: own[name].clone() for name in ("ids", "weights") if name in own}
            lengths = own["lengths"].clone()
            lengths[1] = 0
            for tensor in values.values():
                tensor[1] = 0
            changed[path] = {**own, **values, "lengths": lengths}
            if width == 0:
                alone = {name: tensor[1:, :0] for name, tensor in values.items()}
                changed[path] = {**alone, "lengths": lengths[1:], "owners": None, "examples": 1}
        rows.append(model(changed).softmax(-1)[-1].tolist())
    return [*rows, model(model.collate([model.encode("")])).softmax(-1)[0].tolist()]


def reading(folder, values):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = eft.EftModel.from_pretrained(folder)
    ids = []
    for value in values:
        try:
            sequence = model.encode(torch.tensor(value) if isinstance(value, list) else value)["own"][0]
            ids.append(sequence["ids" if "ids" in sequence else "frames"].tolist())
        except ValueError as error:
            ids.append(str(error))
    return {"ids": ids, "warnings": [str(one.message) for one in caught]}


answer = {"scores": [scores(**one) for one in job["models"]]}
answer["padding"] = [padding(folder) for folder in job.get("padding", [])]
answer["readings"] = [reading(**one) for one in job.get("readings", [])]
torch.set_default_dtype(torch.float64)
answer["golden"] = [golden_error(path) for path in job["golden"]]
print(json.dumps(answer))
