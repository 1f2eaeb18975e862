"""Golden cases of operators, from torch autograd in float64: ops/<op>.json. README.md documents every attribute.

Inputs are short numbers that float32 holds exactly (common.short). `pads` is always [top, left, bottom, right].
"""

import torch
from torch.nn import functional as F
from torchvision.ops import roi_align, roi_pool

import common
from common import distinct, exact, hardsigmoid, numbers, short, tensor, write_cases, write_object


def case(op, note, attrs, inputs, f, diff=None, const=None, extra=None, kinky=False):
    """Run f(inputs) with gradients to the names in `diff` (default: all) and write down what came out.

    `const` are inputs that no gradient reaches and that are not floats (labels) or not differentiated (boxes).
    """
    names = list(inputs)
    diff = names if diff is None else diff
    live = {k: v.clone().double().requires_grad_(k in diff) for k, v in inputs.items()}
    out = f(*live.values())
    found = extra() if extra else None
    dy = short(f"{op}.{note}.dy", tuple(out.shape), 1.0)
    grads = torch.autograd.grad(out, [live[k] for k in diff], dy)
    by_name = dict(zip(diff, grads))
    if getattr(common, "VERIFY", False) and not kinky:
        torch.autograd.gradcheck(lambda *d: f(*[d[diff.index(k)] if k in diff else live[k] for k in names]),
                                 [live[k] for k in diff], eps=1e-6, atol=1e-6, rtol=1e-6)
    row = {"op": op, "note": note, "attrs": attrs,
           "inputs": [{"name": k, **exact(v)} for k, v in inputs.items()],
           "dy": exact(dy), "output": tensor(out),
           "grads": [tensor(by_name[k]) if k in diff else None for k in names]}
    if const:
        row["const"] = const
    if found:
        row["extra"] = found
    return row


def pad(x, pads, value=0.0):
    t, l, b, r = pads
    return x if not any(pads) else F.pad(x, (l, r, t, b), value=value)


# ---------------------------------------------------------------- convolutions

CONV = [  # note, x, w, stride, dilation, groups, pads, bias
    ("plain 3x3, bias", (2, 3, 7, 6), (4, 3, 3, 3), (1, 1), (1, 1), 1, (1, 1, 1, 1), True),
    ("even kernel, strides 2 and 3, asymmetric padding", (1, 2, 9, 8), (3, 2, 3, 2), (2, 3), (1, 1), 1, (1, 0, 2, 1), False),
    ("depthwise, stride 2, TensorFlow's same padding", (2, 4, 8, 9), (4, 1, 3, 3), (2, 2), (1, 1), 4, (0, 1, 1, 1), False),
    ("depthwise, multiplier 2, dilation 2 and 1", (1, 3, 7, 5), (6, 1, 3, 3), (1, 1), (2, 1), 3, (2, 1, 2, 1), True),
    ("two groups, 1x3, strides 1 and 2", (2, 4, 4, 7), (6, 2, 1, 3), (1, 2), (1, 1), 2, (0, 1, 0, 1), False),
    ("2x3, dilation 1 and 3, asymmetric padding", (1, 2, 6, 8), (3, 2, 2, 3), (1, 1), (1, 3), 1, (0, 3, 1, 2), False),
    ("3x3 on a 1x1 map", (3, 5, 1, 1), (4, 5, 3, 3), (1, 1), (1, 1), 1, (1, 1, 1, 1), True),
    ("pointwise, stride 2", (2, 3, 5, 4), (5, 3, 1, 1), (2, 2), (1, 1), 1, (0, 0, 0, 0), False),
    ("stride 3 over a 2x2 kernel: pixels no window sees", (1, 2, 9, 7), (2, 2, 2, 2), (3, 3), (1, 1), 1, (0, 0, 0, 0), True),
    ("two groups, stride 2, dilation 3 and 2, four different paddings", (1, 4, 9, 10), (4, 2, 3, 2), (2, 2), (3, 2), 2, (3, 0, 2, 1), False),
    ("kernel as large as the map", (2, 3, 4, 5), (4, 3, 4, 5), (1, 1), (1, 1), 1, (0, 0, 0, 0), True),
    ("depthwise 4x4, stride 2, a last row left over", (1, 3, 9, 8), (3, 1, 4, 4), (2, 2), (1, 1), 3, (1, 1, 1, 1), True),
    ("depthwise 5x5 wider than its map", (2, 3, 3, 2), (3, 1, 5, 5), (1, 1), (1, 1), 3, (2, 2, 2, 2), False),
    ("padding wider than the kernel: some outputs see zeros only", (1, 2, 3, 4), (3, 2, 1, 2), (1, 1), (1, 1), 1, (2, 3, 1, 4), True),
    ("stride 3, dilation 2, padding wider than the kernel", (1, 2, 4, 5), (2, 2, 2, 3), (3, 3), (2, 2), 1, (4, 5, 3, 6), False),
]


def conv_attrs(stride, dilation, groups, pads):
    return {"stride": list(stride), "dilation": list(dilation), "groups": groups, "pads": list(pads)}


def conv2d():
    out = []
    for note, x, w, s, d, g, p, bias in CONV:
        inputs = {"x": short(note + ".x", x), "w": short(note + ".w", w, 1.0)}
        if bias:
            inputs["b"] = short(note + ".b", (w[0],), 1.0)
        out.append(case("conv2d", note, conv_attrs(s, d, g, p), inputs,
                        lambda x, w, b=None: F.conv2d(pad(x, p), w, b, stride=s, dilation=d, groups=g)))
    return out


TRANSPOSED = [  # note, x, w [Cin, Cout/groups, kh, kw], stride, dilation, groups, pads, output padding, bias
    ("stride 1", (2, 3, 4, 5), (3, 4, 3, 3), (1, 1), (1, 1), 1, (1, 1, 1, 1), (0, 0), True),
    ("stride 2, no padding", (1, 2, 3, 4), (2, 3, 3, 2), (2, 2), (1, 1), 1, (0, 0, 0, 0), (0, 0), False),
    ("stride 2, output padding 1", (2, 3, 4, 3), (3, 2, 3, 3), (2, 2), (1, 1), 1, (1, 1, 1, 1), (1, 1), True),
    ("strides 3 and 2, output padding 2 and 0", (1, 2, 3, 4), (2, 2, 4, 3), (3, 2), (1, 1), 1, (1, 0, 1, 0), (2, 0), False),
    ("two groups", (1, 4, 3, 3), (4, 3, 3, 2), (2, 1), (1, 1), 2, (1, 0, 1, 0), (1, 0), True),
    ("depthwise, stride 2, 4x4", (2, 3, 4, 3), (3, 1, 4, 4), (2, 2), (1, 1), 3, (1, 1, 1, 1), (0, 0), False),
    ("dilation 2 and 3", (1, 2, 4, 3), (2, 3, 3, 2), (1, 1), (2, 3), 1, (2, 1, 2, 1), (0, 0), False),
    ("output padding as large as the stride, under dilation 3", (1, 2, 3, 3), (2, 2, 2, 2), (2, 1), (3, 3), 1, (1, 1, 1, 1), (2, 2), False),
    ("1x1 map", (2, 3, 1, 1), (3, 2, 3, 4), (2, 2), (1, 1), 1, (0, 0, 0, 0), (1, 0), True),
    ("stride 3 over a 2x2 kernel: outputs that only the bias reaches", (1, 2, 3, 2), (2, 2, 2, 2), (3, 3), (1, 1), 1, (0, 0, 0, 0), (1, 2), True),
    ("asymmetric padding crops the result", (1, 3, 4, 4), (3, 2, 3, 3), (2, 2), (1, 1), 1, (0, 1, 2, 0), (0, 1), False),
]


def conv_transpose2d():
    out = []
    for note, x, w, s, d, g, p, op, bias in TRANSPOSED:
        def f(x, w, b=None):
            t, l, bottom, r = p
            if (t, l) == (bottom, r):
                return F.conv_transpose2d(x, w, b, stride=s, padding=(t, l), output_padding=op, groups=g, dilation=d)
            full = F.conv_transpose2d(x, w, b, stride=s, output_padding=op, groups=g, dilation=d)
            return full[:, :, t:full.shape[2] - bottom, l:full.shape[3] - r]

        inputs = {"x": short(note + ".tx", x), "w": short(note + ".tw", w, 1.0)}
        if bias:
            inputs["b"] = short(note + ".tb", (w[1] * g,), 1.0)
        out.append(case("conv_transpose2d", note, {**conv_attrs(s, d, g, p), "outputPadding": list(op)}, inputs, f))
    return out


# ---------------------------------------------------------------- batch norm

def batch_norm():
    out = []
    shapes = [  # note, shape, eps, momentum, scale and shift of x
        ("map", (3, 4, 3, 2), 1e-5, 0.1, 1, 0),
        ("rows of features", (5, 3), 1e-5, 0.1, 1, 0),
        ("one image", (1, 3, 4, 3), 1e-3, 0.01, 1, 0),
        ("batch of two, 1x1: outputs are nearly 1 and -1", (2, 4, 1, 1), 1e-5, 0.1, 1, 0),
        ("mean 1000 times the deviation", (4, 2, 3, 3), 1e-5, 0.1, 1, 1000),
        ("variance below eps", (3, 2, 2, 3), 1e-3, 0.3, 2.0**-8, 0.5),
        ("momentum 1 forgets", (2, 3, 2, 2), 1e-5, 1.0, 1, 0),
        ("momentum 0 keeps", (2, 3, 2, 2), 1e-5, 0.0, 1, 0),
    ]
    for training in (True, False):
        for note, shape, eps, momentum, scale, shift in shapes:
            c = shape[1]
            note = f"{'training' if training else 'eval'}: {note}"
            mean = short(note + ".mean", (c,), 1.0) + shift
            var = short(note + ".var", (c,), 0.5) + 1.0
            inputs = {"x": short(note + ".x", shape) * scale + shift, "gamma": short(note + ".gamma", (c,)),
                      "beta": short(note + ".beta", (c,))}
            after = {}

            def f(x, gamma, beta):
                after["m"], after["v"] = mean.clone(), var.clone()
                return F.batch_norm(x, after["m"], after["v"], gamma, beta, training, momentum, eps)

            out.append(case("batch_norm", note, {"training": training, "eps": eps, "momentum": momentum}, inputs, f,
                            const={"runningMean": exact(mean), "runningVar": exact(var)},
                            extra=lambda: {"runningMeanAfter": tensor(after["m"]), "runningVarAfter": tensor(after["v"])},
                            kinky="1000" in note or "below" in note))
    note = "training: one constant channel"
    x = short(note, (2, 2, 2, 3))
    x[:, 1] = 0.75
    zero, one, after = torch.zeros(2).double(), torch.ones(2).double(), {}

    def constant(x, gamma, beta):
        after["m"], after["v"] = zero.clone(), one.clone()
        return F.batch_norm(x, after["m"], after["v"], gamma, beta, True, 0.1, 1e-5)

    inputs = {"x": x, "gamma": short(note + ".gamma", (2,)), "beta": short(note + ".beta", (2,))}
    out.append(case("batch_norm", note, {"training": True, "eps": 1e-5, "momentum": 0.1}, inputs,
                    constant, const={"runningMean": exact(zero), "runningVar": exact(one)}, kinky=True,
                    extra=lambda: {"runningMeanAfter": tensor(after["m"]), "runningVarAfter": tensor(after["v"])}))
    return out


# ---------------------------------------------------------------- activations

ACTIVATIONS = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": F.leaky_relu,
    "sigmoid": torch.sigmoid,
    "hardsigmoid": hardsigmoid,
    "hardswish": F.hardswish,
    "silu": F.silu,
    "tanh": torch.tanh,
}
EXTREME = [-1000.0, -745.5, -100.0, -40.0, -20.0, -7.0, -1e-3, -1e-8, 1e-8, 1e-3, 7.0, 20.0, 40.0, 100.0, 709.5, 1000.0]


def activations():
    out = []
    for op, f in ACTIVATIONS.items():
        slopes = [{"slope": 0.01}, {"slope": 0.2}, {"slope": 1.5}, {"slope": -0.5}] if op == "leaky_relu" else [{}]
        for attrs in slopes:
            def g(x):
                return f(x, attrs["slope"]) if attrs else f(x)
            tag = f"{op} {attrs.get('slope', '')}".strip()
            out.append(case(op, f"{tag}: map", attrs, {"x": short(tag + ".map", (2, 3, 3, 4), 8)}, g))
            out.append(case(op, f"{tag}: rows", attrs, {"x": short(tag + ".rows", (4, 5), 4)}, g))
            out.append(case(op, f"{tag}: one number", attrs, {"x": short(tag + ".one", (1,), 4)}, g))
            out.append(case(op, f"{tag}: extremes", attrs, {"x": torch.tensor(EXTREME).double()}, g, kinky=True))
    return out


def kinks():
    """Values exactly on a kink: what torch says there, with dy = 1, in float64 and in float32."""
    points = {
        "relu": [-0.0, 0.0], "relu6": [-0.0, 0.0, 6.0], "leaky_relu": [-0.0, 0.0],
        "hardsigmoid": [-3.0, -0.0, 0.0, 3.0], "hardswish": [-3.0, -0.0, 0.0, 3.0],
        "sigmoid": [0.0], "silu": [0.0], "tanh": [0.0],
    }
    out = []
    for op, xs in points.items():
        row = {"op": op, "attrs": {"slope": 0.2} if op == "leaky_relu" else {}, "x": numbers(torch.tensor(xs))}
        for dtype, y_name, dx_name in ((torch.float64, "y", "dx"), (torch.float32, "yFloat32", "dxFloat32")):
            x = torch.tensor(xs, dtype=dtype, requires_grad=True)
            y = F.leaky_relu(x, 0.2) if op == "leaky_relu" else ACTIVATIONS[op](x)
            (dx,) = torch.autograd.grad(y.sum(), x)
            digits = 12 if dtype == torch.float64 else 8
            row[y_name], row[dx_name] = numbers(y, digits), numbers(dx, digits)
        out.append(row)
    return out


# ---------------------------------------------------------------- softmax and cross-entropy

def softmax():
    out = []
    for op, f in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for shape, axis in [((4, 5), 1), ((4, 5), 0), ((4, 5), -1), ((2, 3, 2, 4), 1), ((2, 3, 2, 4), 2),
                            ((2, 3, 2, 4), -1), ((3, 1), 1), ((7,), 0)]:
            note = f"{list(shape)} along {axis}"
            out.append(case(op, note, {"axis": axis}, {"x": short(f"{op} {note}", shape, 4)}, lambda x: f(x, axis)))
        note = "logits near 1000 and far apart"
        x = torch.tensor([[1000.0, 999.0, 998.5], [-1000.0, -1001.0, 1000.0], [0.0, 0.0, 0.0], [50.0, -50.0, 49.0]])
        out.append(case(op, note, {"axis": 1}, {"x": x.double()}, lambda x: f(x, 1), kinky=True))
    return out


def cross_entropy():
    out = []

    def add(note, shape, smoothing, reduction, labels=None, weight=None, ignore=None, logits=None, kinky=False):
        attrs = {"labelSmoothing": smoothing, "reduction": reduction}
        target = torch.tensor(labels).reshape(shape[:1] + shape[2:])
        const = {"labels": {"shape": list(target.shape), "data": labels}}
        if weight is not None:
            const["weight"] = exact(weight)
        if ignore is not None:
            attrs["ignoreIndex"] = ignore
        out.append(case("cross_entropy", note, attrs, {"logits": short(note, shape, 4) if logits is None else logits},
                        lambda x: F.cross_entropy(x, target, weight, ignore_index=-100 if ignore is None else ignore,
                                                  label_smoothing=smoothing, reduction=reduction),
                        const=const, kinky=kinky))

    add("labels", (4, 5), 0.0, "mean", [0, 4, 2, 2])
    add("labels, smoothing 0.1", (4, 5), 0.1, "mean", [0, 4, 2, 2])
    add("labels, smoothing 1: the label is ignored", (3, 4), 1.0, "mean", [3, 0, 1])
    add("labels, smoothing 0.1, sum", (4, 5), 0.1, "sum", [1, 1, 3, 0])
    add("labels, smoothing 0.2, one loss an image", (3, 4), 0.2, "none", [3, 0, 1])
    add("one class", (3, 1), 0.1, "mean", [0, 0, 0])
    add("large logits", (2, 3), 0.1, "mean", [0, 2], kinky=True,
        logits=torch.tensor([[1000.0, -1000.0, 0.0], [500.0, 501.0, -300.0]]).double())
    add("a map of pixels", (2, 3, 2, 2), 0.1, "mean", [0, 1, 2, 2, 1, 1, 0, 2])
    add("ignored label", (4, 3), 0.0, "mean", [0, 1, 2, 1], ignore=1)
    add("ignored label, smoothing 0.1", (4, 3), 0.1, "mean", [0, 1, 2, 1], ignore=1)
    add("class weights", (4, 3), 0.0, "mean", [0, 1, 2, 1], weight=torch.tensor([0.5, 2.0, 1.25]).double())
    add("class weights, smoothing 0.1", (4, 3), 0.1, "mean", [0, 1, 2, 1], weight=torch.tensor([0.5, 2.0, 1.25]).double())

    for note, shape, smoothing, reduction in [
        ("probabilities", (3, 4), 0.0, "mean"), ("probabilities, smoothing 0.1", (3, 4), 0.1, "mean"),
        ("probabilities, sum", (2, 5), 0.0, "sum"), ("probabilities, one loss an image, smoothing 0.3", (3, 4), 0.3, "none"),
        ("probabilities over a map of pixels", (2, 3, 2, 1), 0.1, "mean"),
    ]:
        k = (short(note + ".p", shape, 1.0) + 1) * 8 + 1  # positive, then made to sum to 1 exactly enough
        p = torch.round(k / k.sum(1, keepdim=True) * 256) / 256
        p[:, 0] += 1 - p.sum(1)
        out.append(case("cross_entropy", note, {"labelSmoothing": smoothing, "reduction": reduction, "targets": "probabilities"},
                        {"logits": short(note, shape, 4), "targets": p},
                        lambda x, t: F.cross_entropy(x, t, label_smoothing=smoothing, reduction=reduction)))
    return out


# ---------------------------------------------------------------- pooling

def max_pool2d():
    out = []
    for note, x, k, s, p, d, ceil in [
        ("2x2", (2, 3, 6, 4), (2, 2), (2, 2), (0, 0), (1, 1), False),
        ("3x3, stride 2, padding 1 (resnet's stem)", (1, 2, 7, 8), (3, 3), (2, 2), (1, 1), (1, 1), False),
        ("3x2, strides 1 and 3", (2, 2, 5, 7), (3, 2), (1, 3), (0, 0), (1, 1), False),
        ("dilation 2 and 3", (1, 2, 7, 8), (2, 2), (1, 2), (0, 1), (2, 3), False),
        ("ceil mode", (1, 2, 6, 7), (3, 3), (2, 2), (0, 0), (1, 1), True),
        ("ceil mode drops a window that would start in the right padding", (1, 2, 5, 4), (2, 2), (2, 3), (1, 1), (1, 1), True),
        ("ceil mode, padding, dilation", (1, 2, 6, 8), (2, 3), (3, 2), (1, 1), (2, 2), True),
        ("kernel as large as the map", (2, 3, 3, 4), (3, 4), (1, 1), (0, 0), (1, 1), False),
        ("overlapping, stride 1, padding 1", (1, 2, 4, 4), (3, 3), (1, 1), (1, 1), (1, 1), False),
        ("1x1 map, padding 1", (2, 3, 1, 1), (3, 3), (2, 2), (1, 1), (1, 1), False),
    ]:
        attrs = {"kernel": list(k), "stride": list(s), "pads": [p[0], p[1], p[0], p[1]], "dilation": list(d), "ceilMode": ceil}
        out.append(case("max_pool2d", note, attrs, {"x": distinct(note, x)},
                        lambda x: F.max_pool2d(x, k, s, p, d, ceil)))
    note = "asymmetric padding with minus infinity"
    pads = (0, 1, 2, 0)
    out.append(case("max_pool2d", note, {"kernel": [3, 3], "stride": [2, 2], "pads": list(pads), "dilation": [1, 1], "ceilMode": False},
                    {"x": distinct(note, (1, 2, 5, 6))}, lambda x: F.max_pool2d(pad(x, pads, float("-inf")), 3, 2)))
    note = "ties: the first in row-major order takes the gradient"
    x = torch.tensor([[1, 1, 0, 2], [1, 1, 2, 2], [-3, -3, 5, 5], [-3, -3, 5, 4]]).double().reshape(1, 1, 4, 4)
    out.append(case("max_pool2d", note, {"kernel": [3, 3], "stride": [1, 1], "pads": [1, 1, 1, 1], "dilation": [1, 1], "ceilMode": False},
                    {"x": x}, lambda x: F.max_pool2d(x, 3, 1, 1), kinky=True))
    return out


def avg_pool2d():
    out = []
    for note, x, k, s, p, ceil in [
        ("2x2", (2, 3, 6, 4), (2, 2), (2, 2), (0, 0), False),
        ("3x3, stride 2, padding 1", (1, 2, 7, 8), (3, 3), (2, 2), (1, 1), False),
        ("3x2, strides 1 and 3", (2, 2, 5, 7), (3, 2), (1, 3), (1, 0), False),
        ("ceil mode", (1, 2, 6, 7), (3, 2), (2, 2), (0, 0), True),
        ("ceil mode and padding: the window leaves even the padded map", (1, 2, 6, 8), (3, 3), (2, 3), (1, 1), True),
        ("ceil mode drops a window that would start in the right padding", (1, 2, 5, 4), (2, 2), (2, 3), (1, 1), True),
        ("kernel as large as the map", (2, 3, 3, 4), (3, 4), (1, 1), (0, 0), False),
    ]:
        for include in (True, False):
            attrs = {"kernel": list(k), "stride": list(s), "pads": [p[0], p[1], p[0], p[1]], "ceilMode": ceil, "countIncludePad": include}
            out.append(case("avg_pool2d", f"{note}, padding {'counts' if include else 'does not count'}", attrs,
                            {"x": short(note, x)}, lambda x: F.avg_pool2d(x, k, s, p, ceil, include)))
    return out


def global_avg_pool():
    return [case("global_avg_pool", f"{list(s)}", {}, {"x": short(f"gap {s}", s)}, lambda x: F.adaptive_avg_pool2d(x, 1))
            for s in [(2, 3, 4, 5), (1, 1, 7, 7), (3, 2, 1, 1), (1, 4, 1, 6), (2, 1, 3, 2), (1, 2, 8, 3)]]


# ---------------------------------------------------------------- sampling

def interpolate():
    out = []
    sizes = [((1, 2, 3, 4), (6, 8)), ((2, 1, 5, 4), (7, 9)), ((1, 2, 7, 6), (3, 4)), ((1, 2, 4, 6), (9, 2)),
             ((1, 2, 1, 3), (4, 1)), ((1, 1, 5, 5), (1, 5)), ((1, 1, 10, 4), (32, 3))]
    scales = [((1, 2, 4, 3), (2.0, 3.0)), ((1, 2, 5, 4), (1.7, 2.6)), ((1, 2, 7, 8), (0.5, 0.4)), ((1, 1, 6, 5), (1.3, 0.7))]
    modes = [("nearest", None), ("nearest-exact", None), ("bilinear", False), ("bilinear", True)]
    for mode, corners in modes:
        tag = mode + ("" if corners is None else f", align_corners {corners}")
        attrs = {"mode": mode} if corners is None else {"mode": mode, "alignCorners": corners}
        for shape, size in sizes:
            out.append(case("interpolate", f"{tag}: {list(shape[2:])} to {list(size)}", {**attrs, "size": list(size)},
                            {"x": short(f"interpolate {shape} {size}", shape)},
                            lambda x: F.interpolate(x, size=size, mode=mode, align_corners=corners)))
        for shape, scale in scales:
            out.append(case("interpolate", f"{tag}: {list(shape[2:])} times {list(scale)}, the given factor is used",
                            {**attrs, "scaleFactor": list(scale)}, {"x": short(f"interpolate {shape} {scale}", shape)},
                            lambda x: F.interpolate(x, scale_factor=scale, mode=mode, align_corners=corners)))
    return out


def grid_sample():
    out = []
    for n, (x, o, span) in enumerate([((2, 2, 4, 5), (3, 4), 1.0), ((1, 3, 5, 3), (4, 4), 1.5), ((1, 2, 1, 6), (2, 5), 2.5)]):
        for mode in ("bilinear", "nearest", "bicubic"):
            for padding in ("zeros", "border", "reflection"):
                for corners in (False, True):
                    if x[2] == 1 and corners and mode != "nearest":
                        continue  # every row coordinate is 0: a kink
                    if x[2] == 1 and padding == "reflection":
                        continue  # a mirror on both sides of one row: kinks
                    note = f"{mode}, {padding}, align_corners {corners}, {list(x)}, grid within {span}"
                    out.append(case("grid_sample", note, {"mode": mode, "padding": padding, "alignCorners": corners},
                                    {"x": short(f"grid_sample {n} x", x), "grid": short(f"grid_sample {n} grid", (x[0], *o, 2), span)},
                                    lambda x, g: F.grid_sample(x, g, mode, padding, corners)))
    return out


BOXES = {  # [image, x1, y1, x2, y2] in image pixels, for maps of 8 x 10 cells
    "inside": [[0, 6, 4, 22, 20], [1, 3.5, 2.25, 17.75, 13.5], [1, 10, 8, 11, 30]],
    "several images, out of order": [[2, 1, 1, 20, 20], [0, 4, 3, 9, 12], [2, 7.5, 0, 31, 6.5], [1, 0, 0, 32, 25.6]],
    "across the border": [[0, -6, -5, 9, 7], [0, 25, 18, 45, 40], [1, -10, 5, 50, 12]],
    "outside the map": [[0, -40, -40, -20, -20], [1, 100, 4, 120, 20], [0, 5, 60, 20, 90]],
    "partly beyond one cell outside": [[0, -20, -20, 4, 4], [1, 20, 15, 60, 50]],
    "points and slivers": [[0, 8, 8, 8, 8], [1, 5, 5, 5.5, 20], [0, 3, 12, 19, 12]],
    "reversed corners": [[0, 20, 16, 6, 4], [1, 12, 3, 4, 15]],
}


def roi_align_cases():
    out, n = [], 0
    ratios = [-1, 0, 2, 3, 1]
    for where, boxes in BOXES.items():
        rois = torch.tensor(boxes).double()
        for aligned in (False, True):
            ratio = ratios[n % len(ratios)]
            for pooled, sr in (((2, 2), ratio), ((3, 2), 2 if ratio != 2 else 0)):
                note = f"{where}, aligned {aligned}, {pooled[0]}x{pooled[1]}, sampling ratio {sr}"
                out.append(case("roi_align", note,
                                {"outputSize": list(pooled), "spatialScale": 0.3125, "samplingRatio": sr, "aligned": aligned},
                                {"x": short(f"roi_align {where}", (3, 2, 8, 10)), "rois": rois},
                                lambda x, r: roi_align(x, r, pooled, 0.3125, sr, aligned), diff=["x"]))
            n += 1
    return out


def roi_pool_cases():
    out = []
    for where, boxes in BOXES.items():
        rois = torch.tensor(boxes).double()
        for pooled, scale in (((2, 2), 0.3125), ((3, 4), 0.5)):
            out.append(case("roi_pool", f"{where}, {pooled[0]}x{pooled[1]}, scale {scale}",
                            {"outputSize": list(pooled), "spatialScale": scale},
                            {"x": distinct(f"roi_pool {where}", (3, 2, 8, 10)), "rois": rois},
                            lambda x, r: roi_pool(x, r, pooled, scale), diff=["x"]))
    return out


def make():
    rooms = {
        "conv2d": conv2d, "conv_transpose2d": conv_transpose2d, "batch_norm": batch_norm, "activations": activations,
        "softmax": softmax, "cross_entropy": cross_entropy, "max_pool2d": max_pool2d, "avg_pool2d": avg_pool2d,
        "global_avg_pool": global_avg_pool, "interpolate": interpolate, "grid_sample": grid_sample,
        "roi_align": roi_align_cases, "roi_pool": roi_pool_cases,
    }
    for name, f in rooms.items():
        cases = f()
        write_cases(f"ops/{name}.json", cases)
        print(f"  {name}: {len(cases)} cases")
    write_cases("ops/kinks.json", kinks())
