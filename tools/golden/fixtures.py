"""Second derivatives and small facts: fixtures/secondOrder.json, fixtures/facts.json.

Second derivatives. With (dx, dw[, ...]) the gradients of <f(x, w), dy> and u, v fixed tensors of their shapes,
    s = sum(dx * u) + sum(dw * v) ...
and the file holds the gradient of s to every input and to dy.
"""

import torch
from torch.nn import functional as F
from torchvision.ops import roi_align, roi_pool

from common import exact, number, numbers, short, tensor, write_cases, write_object
from ops import conv_attrs, pad


def second(op, note, attrs, inputs, f):
    live = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    y = f(*live.values())
    dy = short(f"second {note}.dy", tuple(y.shape), 1.0).requires_grad_()
    first = torch.autograd.grad(y, list(live.values()), dy, create_graph=True)
    seeds = {k: short(f"second {note}.seed.{k}", tuple(v.shape), 1.0) for k, v in live.items()}
    s = sum((g * seeds[k]).sum() for g, k in zip(first, live))
    grads = torch.autograd.grad(s, [*live.values(), dy], allow_unused=True)
    torch.autograd.gradgradcheck(f, list(live.values()), atol=1e-5, rtol=1e-5)
    names = [*live, "dy"]
    return {"op": op, "note": note, "attrs": attrs,
            "inputs": [{"name": k, **exact(v)} for k, v in inputs.items()],
            "dy": exact(dy), "seeds": [{"name": k, **exact(v)} for k, v in seeds.items()],
            "first": [{"name": k, **tensor(g)} for k, g in zip(live, first)],
            "scalar": number(s, 12),
            "grads": [{"name": k, **(tensor(g) if g is not None else {"shape": list((live.get(k, dy)).shape), "data": None})}
                      for k, g in zip(names, grads)]}


def second_order():
    out = []
    for note, x, w, s, d, g, p in [
        ("plain 3x3", (2, 2, 4, 5), (3, 2, 3, 3), (1, 1), (1, 1), 1, (1, 1, 1, 1)),
        ("stride 2, a column left over", (1, 2, 5, 6), (2, 2, 3, 3), (2, 2), (1, 1), 1, (1, 1, 1, 1)),
        ("dilation 2 and 3", (1, 2, 6, 7), (2, 2, 2, 2), (1, 1), (2, 3), 1, (1, 1, 1, 1)),
        ("two groups, strides 2 and 1", (2, 4, 5, 4), (4, 2, 2, 3), (2, 1), (1, 1), 2, (0, 1, 0, 1)),
        ("depthwise, stride 2, asymmetric padding", (2, 3, 5, 6), (3, 1, 3, 3), (2, 2), (1, 1), 3, (0, 1, 1, 0)),
        ("depthwise, multiplier 2", (1, 2, 4, 4), (4, 1, 3, 2), (1, 1), (1, 1), 2, (1, 0, 1, 0)),
        ("all at once", (1, 4, 8, 9), (4, 2, 3, 2), (3, 2), (2, 3), 2, (2, 0, 1, 3)),
        ("pointwise", (2, 3, 3, 2), (4, 3, 1, 1), (1, 1), (1, 1), 1, (0, 0, 0, 0)),
    ]:
        out.append(second("conv2d", note, conv_attrs(s, d, g, p), {"x": short(note + ".2x", x), "w": short(note + ".2w", w, 1.0)},
                          lambda x, w: F.conv2d(pad(x, p), w, stride=s, dilation=d, groups=g)))
    for note, x, w, s, d, g, p, op in [
        ("transposed, stride 2, output padding 1", (1, 2, 3, 4), (2, 3, 3, 3), (2, 2), (1, 1), 1, (1, 1), (1, 1)),
        ("transposed, two groups, dilation 2", (1, 4, 3, 3), (4, 2, 2, 2), (2, 1), (2, 1), 2, (0, 1), (1, 0)),
    ]:
        out.append(second("conv_transpose2d", note, {**conv_attrs(s, d, g, (*p, *p)), "outputPadding": list(op)},
                          {"x": short(note + ".2x", x), "w": short(note + ".2w", w, 1.0)},
                          lambda x, w: F.conv_transpose2d(x, w, stride=s, padding=p, output_padding=op, groups=g, dilation=d)))
    note = "batch norm, training"
    out.append(second("batch_norm", note, {"training": True, "eps": 1e-5, "momentum": 0.1},
                      {"x": short(note + ".2x", (3, 2, 2, 3)), "gamma": short(note + ".2g", (2,)), "beta": short(note + ".2b", (2,))},
                      lambda x, g, b: F.batch_norm(x, None, None, g, b, True, 0.1, 1e-5)))
    return out


def facts():
    """theory.md's test vectors of RoIAlign, interpolation and batch norm, from the compiled operators."""
    i, j = torch.meshgrid(torch.arange(10), torch.arange(10), indexing="ij")
    maps = {"10i+j": (10 * i + j).double(), "(i^2+j^3) mod 7": ((i**2 + j**3) % 7).double()}
    box = torch.tensor([[0, 6, 4, 22, 20]]).double()
    roi = []
    for name, m in maps.items():
        x = m.reshape(1, 1, 10, 10)
        for aligned in (False, True):
            for ratio in (-1, 1, 2, 3):
                roi.append({"map": name, "op": "roi_align", "aligned": aligned, "samplingRatio": ratio,
                            "output": numbers(roi_align(x, box, 2, 0.3125, ratio, aligned))})
        roi.append({"map": name, "op": "roi_pool", "output": numbers(roi_pool(x, box, 2, 0.3125))})
    far = torch.tensor([[0, -20, -20, 4, 4]]).double()
    outside = numbers(roi_align((i + j).double().reshape(1, 1, 10, 10), far, 3, 0.3125, 2, False))
    rois = box.clone().requires_grad_()
    x = maps["10i+j"].reshape(1, 1, 10, 10).requires_grad_()
    roi_align(x, rois, 2, 0.3125, 2, True).sum().backward()

    ramp = torch.arange(10).double().reshape(1, 1, 1, 10)
    nearest = {mode: numbers(F.interpolate(ramp, size=(1, 32), mode=mode)) for mode in ("nearest", "nearest-exact")}
    # pixel coordinates -0.5, 0.5, 1.5 ... of a row of 10, align_corners True: the ties of nearest
    ties = torch.arange(-1, 10).double() + 0.5
    grid = torch.stack([ties / 9 * 2 - 1, torch.zeros(11).double()], -1).reshape(1, 1, 11, 2)
    pixel = ((grid[..., 0] + 1) / 2 * 9).reshape(-1)
    exact_ties = [k for k in range(11) if pixel[k] == ties[k]]
    sampled = F.grid_sample(ramp + 1, grid, "nearest", "zeros", True).reshape(-1)

    mean, var = torch.zeros(1).double(), torch.ones(1).double()
    for _ in range(10):
        F.batch_norm(torch.tensor([[0.0], [2], [4], [6]]).double(), mean, var, None, None, True, 0.1, 1e-5)
    x = torch.arange(16).double().reshape(2, 2, 2, 2)
    cm, cv = torch.zeros(2).double(), torch.ones(2).double()
    y = F.batch_norm(x, cm, cv, None, None, True, 0.1, 1e-30)
    return {
        "roi": {"box": [6, 4, 22, 20], "spatialScale": 0.3125, "outputSize": [2, 2], "cases": roi},
        "roiAlignOutside": {"map": "i+j", "box": [-20, -20, 4, 4], "spatialScale": 0.3125, "outputSize": [3, 3],
                            "samplingRatio": 2, "aligned": False, "output": outside},
        "roiAlignGivesBoxesAGradient": rois.grad is not None,
        "nearest10to32": nearest,
        "gridSampleNearestTies": {"pixel": [number(ties[k], 12) for k in exact_ties],
                                  "chosen": [number(sampled[k], 12) - 1 if sampled[k] else None for k in exact_ties]},
        "batchNormTenSteps": {"batch": [0, 2, 4, 6], "momentum": 0.1, "runningMean": numbers(mean), "runningVar": numbers(var)},
        "batchNormArange": {"shape": [2, 2, 2, 2], "eps": 1e-30, "output": numbers(y), "runningMean": numbers(cm), "runningVar": numbers(cv)},
    }


def make():
    cases = second_order()
    write_cases("fixtures/secondOrder.json", cases)
    print(f"  secondOrder: {len(cases)} cases")
    write_object("fixtures/facts.json", facts())
