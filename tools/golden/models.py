"""Golden files of whole networks: torchvision's own definitions, evaluated in float64.

  models/keys.json      the state dict of each full-size network: names, shapes, parameters, MACs, BN constants
  models/formula.json   test vectors of the counter-based filler
  models/full.json      full-size networks filled by the formula: logits and stage checksums, no weights
  models/narrow.json    three narrow networks: logits; their weights and inputs lie beside it as .safetensors
"""

import math

import numpy as np
import torch
import torchvision
from torch import nn

from common import (fnv1a32, hash32, number, numbers, uniform, write_object, write_safetensors)

tv = torchvision.models
FULL = ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "resnet18", "resnet50"]
NARROW = ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"]


# ---------------------------------------------------------------- fill

def fill_tensor(key, shape):
    """The formula. What a tensor is, is told by the last part of its name and by its rank."""
    u = uniform(key, shape)
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "weight" and len(shape) >= 2:
        value = (2 * u - 1) * math.sqrt(6 / math.prod(shape[1:]))
    elif leaf == "weight" or leaf == "running_var":
        value = 0.5 + u
    else:  # bias, running_mean
        value = (2 * u - 1) * 0.1
    return torch.from_numpy(value.astype(np.float32))


def fill_input(shape, name="input"):
    return torch.from_numpy((2 * uniform(name, shape) - 1).astype(np.float32))


def fill(model):
    state = {k: t if k.endswith("num_batches_tracked") else fill_tensor(k, tuple(t.shape))
             for k, t in model.state_dict().items()}
    model.load_state_dict(state)
    return model


# ---------------------------------------------------------------- measure

def batch_norms(model):
    return [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]


def macs(model, shape):
    """Multiply-accumulates of convolutions and linear layers, for one image; no bias, BN, pooling, activation."""
    total, hooks = 0, []

    def count(module, inputs, output):
        nonlocal total
        total += output[0].numel() * math.prod(module.weight.shape[1:])

    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            hooks.append(m.register_forward_hook(count))
    with torch.no_grad():
        model(torch.zeros(1, *shape))
    for h in hooks:
        h.remove()
    return total


def stages(model):
    """Where a checksum is taken: every feature block, and every child of a resnet's stages."""
    if hasattr(model, "features"):
        return [(f"features.{i}", m) for i, m in enumerate(model.features)]
    named = [("conv1", model.conv1), ("maxpool", model.maxpool)]
    for layer in ("layer1", "layer2", "layer3", "layer4"):
        named += [(f"{layer}.{i}", m) for i, m in enumerate(getattr(model, layer))]
    return named


def run(model, x):
    rows, hooks = [], []
    for name, m in stages(model):
        def note(module, inputs, output, name=name):
            rows.append({"name": name, "shape": list(output.shape), "sum": number(output.sum(), 12),
                         "norm": number(output.norm(), 12)})
        hooks.append(m.register_forward_hook(note))
    with torch.no_grad():
        logits = model(x)
    for h in hooks:
        h.remove()
    return logits, rows


# ---------------------------------------------------------------- the files

def keys():
    out = {}
    for name in FULL:
        model = getattr(tv, name)(weights=None, num_classes=1000).eval()
        bn = batch_norms(model)[0]
        state = [[k, list(t.shape)] for k, t in model.state_dict().items() if not k.endswith("num_batches_tracked")]
        out[name] = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "buffers": sum(b.numel() for k, b in model.named_buffers() if not k.endswith("num_batches_tracked")),
            "macs224": macs(model, (3, 224, 224)),
            "bnEps": bn.eps, "bnMomentum": bn.momentum,
            "state": state,
        }
    write_object("models/keys.json", out)


def formula():
    names = ["", "a", "input", "features.0.0.weight", "layer1.0.bn1.running_var", "سبک"]
    filled = [("features.0.0.weight", (32, 3, 3, 3)), ("features.0.1.weight", (32,)), ("features.0.1.bias", (32,)),
              ("features.0.1.running_mean", (32,)), ("features.0.1.running_var", (32,)),
              ("classifier.1.weight", (1000, 1280)), ("classifier.1.bias", (1000,))]

    def ends(t):
        flat = t.reshape(-1)
        return {"first": numbers(flat[:4].double(), 17), "last": number(flat[-1], 17),
                "sum": number(flat.double().sum(), 12)}

    write_object("models/formula.json", {
        "fnv1a32": [[n, fnv1a32(n)] for n in names],
        "hash32": [[n, [int(v) for v in hash32(n, 4)]] for n in names],
        "uniform": [[n, numbers(uniform(n, (4,)), 17)] for n in names],
        "tensors": [{"name": k, "shape": list(s), **ends(fill_tensor(k, s))} for k, s in filled]
        + [{"name": "input", "shape": [1, 3, 224, 224], **ends(fill_input((1, 3, 224, 224)))}],
    })


def summary(logits):
    top = logits.topk(2).values
    return {"first": numbers(logits[:10]), "sum": number(logits.sum(), 12), "norm": number(logits.norm(), 12),
            "argmax": int(logits.argmax()), "max": number(top[0], 12), "margin": number(top[0] - top[1], 6)}


def full():
    out = {}
    for name in FULL:
        model = fill(getattr(tv, name)(weights=None, num_classes=1000)).eval()
        model = model.double()
        runs = []
        for shape in [(1, 3, 224, 224), (2, 3, 97, 75)]:
            x = fill_input(shape).double()
            logits, rows = run(model, x)
            single = model.float()(x.float()).double().detach()
            model.double()
            error = ((single - logits).norm() / logits.norm()).item()
            print(f"  {name:20s} {shape} norm {logits.norm():.4g} max {logits.abs().max():.4g} float32 error {error:.1e}")
            runs.append({
                "input": list(shape), "stages": rows,
                "images": [summary(l) for l in logits],
            })
        out[name] = {"classes": 1000, "runs": runs}
    write_object("models/full.json", out)


def calibrate(model, x):
    """Give every BN statistics that fit its input, then push them off, so that every number matters.

    PyTorch's own init leaves mean 0 and variance 1, under which a depthwise network's signal dies out.
    """
    for m in batch_norms(model):
        m.momentum_kept, m.momentum = m.momentum, None
        m.reset_running_stats()
    model.train()
    with torch.no_grad():
        model(x)
        for name, m in model.named_modules():
            if isinstance(m, nn.BatchNorm2d):
                m.momentum = m.momentum_kept
                u = {k: torch.from_numpy(uniform(f"{name}.{k}", (m.num_features,)))
                     for k in ("weight", "bias", "running_mean", "running_var")}
                m.running_mean += (u["running_mean"] - 0.5) * m.running_var.sqrt()
                m.running_var *= 0.5 + u["running_var"]
                m.weight.copy_(0.5 + u["weight"])
                m.bias.copy_(u["bias"] - 0.5)
            elif getattr(m, "bias", None) is not None:  # PyTorch's zeros would hide a bias left out
                m.bias.copy_(torch.from_numpy(0.2 * uniform(f"{name}.bias", tuple(m.bias.shape)) - 0.1))
    return model.eval()


def narrow():
    inputs = {"square": fill_input((2, 3, 64, 64)), "odd": fill_input((2, 3, 97, 75))}
    write_safetensors("models/inputs.safetensors", inputs, {"format": "pt", "formula": "input"})
    out = {}
    for name in NARROW:
        torch.manual_seed(20)
        model = getattr(tv, name)(weights=None, num_classes=10, width_mult=0.25).double()
        calibrate(model, fill_input((8, 3, 64, 64), "calibration").double())
        model.float()
        state = dict(model.state_dict())
        write_safetensors(f"models/{name}_025.safetensors", state, {"format": "pt", "model": name, "width": "0.25"})
        singles = {k: model(x).double().detach() for k, x in inputs.items()}
        model.double()
        runs = []
        for key, x in inputs.items():
            logits, rows = run(model, x.double())
            error = ((singles[key] - logits).norm() / logits.norm()).item()
            apart = ((logits[0] - logits[1]).norm() / logits.norm()).item()
            print(f"  {name:20s} {key:6s} norm {logits.norm():.4g} images apart {apart:.2f} float32 error {error:.1e}")
            runs.append({"input": key, "shape": list(x.shape), "stages": rows,
                         "logits": [numbers(l) for l in logits]})
        bn = batch_norms(model)[0]
        out[f"{name}_025"] = {
            "model": name, "width": 0.25, "classes": 10, "weights": f"{name}_025.safetensors",
            "parameters": sum(p.numel() for p in model.parameters()), "bnEps": bn.eps, "bnMomentum": bn.momentum,
            "runs": runs,
        }
    write_object("models/narrow.json", out)


def make():
    keys()
    formula()
    full()
    narrow()
