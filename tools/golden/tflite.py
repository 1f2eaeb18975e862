"""Small TFLite models and what they compute, said by PyTorch: tflite/cases.json. tflite.mjs writes the files.

Values are [N,H,W,C] here as in the file; feeds and expected maps are turned to [N,C,H,W] at the end, as sabok gives them.
"""

import torch
import torch.nn.functional as F

from common import numbers, short, tensor, write_cases

SAME, VALID = 0, 1
RELU, RELU_N1_TO_1, RELU6 = 1, 2, 3
ACTIVATIONS = {0: lambda x: x, 1: F.relu, 2: lambda x: x.clamp(-1, 1), 3: lambda x: x.clamp(0, 6)}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


class Model:
    """A graph being written down, with the value of every tensor."""

    def __init__(self, name):
        self.name, self.tensors, self.operators, self.inputs, self.outputs = name, [], [], [], []
        self.values, self.fed = {}, {}

    def tensor(self, name, value, **more):
        self.tensors.append({"name": name, "shape": list(value.shape), **more})
        self.values[name] = value
        return name

    def feed(self, name, shape, span=2.0, **more):
        value = short(f"tflite {self.name} {name}", shape, span)
        self.inputs.append(name)
        self.fed[name] = value
        return self.tensor(name, value, **more)

    def weight(self, name, shape, span=1.0):
        value = short(f"tflite {self.name} {name}", shape, span)
        return self.tensor(name, value, data=numbers(value, 17))

    def ints(self, name, values, shape=None):
        value = torch.tensor(values, dtype=torch.int64).reshape(shape if shape is not None else [len(values)])
        return self.tensor(name, value, type="int32", data=[int(v) for v in value.reshape(-1)])

    def quantized(self, name, shape, kind, scale, zero=None, axis=0):
        """Stored whole numbers, one scale or one along an axis; the value is what they stand for."""
        low, high = {"int8": (-128, 127), "uint8": (0, 255), "int32": (-2000, 2000)}[kind]
        unit = (short(f"tflite {self.name} {name}", shape, 1.0) + 1) / 2
        stored = torch.floor(low + unit * (high - low + 1)).clamp(low, high)
        zero = [0] * len(scale) if zero is None else zero
        along = [1] * len(shape)
        along[axis] = len(scale)
        s, z = (torch.tensor(v, dtype=torch.float64).reshape(along) for v in (scale, zero))
        self.tensors.append({"name": name, "shape": list(shape), "type": kind, "scale": scale, "zero": zero,
                             "axis": axis, "data": [int(v) for v in stored.reshape(-1)]})
        self.values[name] = (stored - z) * s
        return name

    def op(self, op, inputs, value, name, options=None, end=True, **more):
        """One result, or a list of them; an end of the model unless said otherwise."""
        values, names = (value, name) if isinstance(value, (list, tuple)) else ([value], [name])
        for n, v in zip(names, values):
            self.tensor(n, v, **more)
        self.operators.append({"op": op, "inputs": inputs, "outputs": names, "options": options or {}})
        if end:
            self.outputs += names
        return name

    def v(self, name):
        return self.values[name]

    def case(self):
        def turned(x):
            return tensor((nchw(x) if x.dim() == 4 else x).contiguous().double())

        model = {"tensors": self.tensors, "operators": self.operators, "inputs": self.inputs, "outputs": self.outputs,
                 "description": self.name}
        return {"name": self.name, "model": model, "feeds": {n: turned(x) for n, x in self.fed.items()},
                "expected": {n: turned(self.values[n]) for n in self.outputs}}


def same_pads(length, kernel, stride, dilation=1):
    """TensorFlow's SAME: ceil(length / stride) windows; the odd pixel goes to the end."""
    total = max((-(-length // stride) - 1) * stride + dilation * (kernel - 1) + 1 - length, 0)
    return total // 2, total - total // 2


def pad_same(x, kernel, stride, dilation=(1, 1), value=0.0):
    """x [N,C,H,W] padded."""
    rows = same_pads(x.shape[2], kernel[0], stride[0], dilation[0])
    columns = same_pads(x.shape[3], kernel[1], stride[1], dilation[1])
    return F.pad(x, (*columns, *rows), value=value)


def conv(m, x, w, b, name, stride=(1, 1), padding=SAME, dilation=(1, 1), act=0, depthwise=False, end=True, **more):
    weight = m.v(w)
    channels = m.v(x).shape[3]
    kernel = weight.shape[1:3]
    y = nchw(m.v(x))
    if padding == SAME:
        y = pad_same(y, kernel, stride, dilation)
    # [O,KH,KW,C], or [1,KH,KW,C·M] for a depthwise one.
    kernels = weight.permute(3, 0, 1, 2) if depthwise else weight.permute(0, 3, 1, 2)
    y = F.conv2d(y, kernels, m.v(b), stride, 0, dilation, channels if depthwise else channels // weight.shape[3])
    options = {"padding": padding, "strideH": stride[0], "strideW": stride[1], "activation": act,
               "dilationH": dilation[0], "dilationW": dilation[1]}
    if depthwise:
        options["multiplier"] = weight.shape[3] // channels
    return m.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [x, w, b], ACTIVATIONS[act](nhwc(y)), name, options, end, **more)


def convolutions():
    m = Model("convolutions")
    x = m.feed("image", (1, 7, 6, 4))
    w, b = m.weight("w", (5, 3, 3, 4)), m.weight("b", (5,))
    conv(m, x, w, b, "same", (2, 2), act=RELU6)
    conv(m, x, w, b, "valid", (1, 2), VALID, act=RELU)
    conv(m, x, w, b, "dilated", dilation=(2, 3))
    conv(m, x, m.weight("even", (2, 2, 4, 4)), m.weight("even bias", (2,)), "even kernel", (3, 1), act=RELU)
    conv(m, x, m.weight("grouped", (6, 3, 3, 2)), m.weight("grouped bias", (6,)), "groups", (2, 1))
    wd, bd = m.weight("wd", (1, 3, 3, 8)), m.weight("bd", (8,))
    conv(m, x, wd, bd, "depthwise", (2, 2), act=RELU_N1_TO_1, depthwise=True)
    conv(m, x, wd, bd, "depthwise dilated", dilation=(2, 1), depthwise=True)
    for name, out, kernel, stride, padding in [
        ("transposed same", (13, 12), (3, 3), (2, 2), SAME), ("transposed even", (14, 18), (2, 4), (2, 3), SAME),
        ("transposed valid", (20, 13), (2, 3), (3, 2), VALID),
    ]:
        wt = m.weight(f"{name} w", (3, *kernel, 4))
        full = F.conv_transpose2d(nchw(m.v(x)), m.v(wt).permute(3, 0, 1, 2), stride=stride)
        cut = [same_pads(out[i], kernel[i], stride[i])[0] if padding == SAME else 0 for i in (0, 1)]
        full = F.pad(full, (0, max(cut[1] + out[1] - full.shape[3], 0), 0, max(cut[0] + out[0] - full.shape[2], 0)))
        y = full[:, :, cut[0]:cut[0] + out[0], cut[1]:cut[1] + out[1]]
        m.op("TRANSPOSE_CONV", [m.ints(f"{name} size", [1, *out, 3]), wt, x], nhwc(y), name,
             {"padding": padding, "strideH": stride[0], "strideW": stride[1]})
    return m.case()


def pools():
    m = Model("pools")
    x = m.feed("image", (2, 7, 6, 3))
    for name, kernel, stride, padding in [("same", (3, 3), (2, 2), SAME), ("valid", (3, 2), (2, 1), VALID),
                                          ("even", (2, 4), (1, 3), SAME)]:
        options = {"padding": padding, "strideH": stride[0], "strideW": stride[1], "kernelH": kernel[0], "kernelW": kernel[1]}
        y = nchw(m.v(x))
        ones = torch.ones_like(y)
        padded = [pad_same(t, kernel, stride) if padding == SAME else t for t in (y, ones)]
        sums, counts = (F.avg_pool2d(t, kernel, stride, divisor_override=1) for t in padded)
        m.op("AVERAGE_POOL_2D", [x], nhwc(sums / counts), f"average {name}", options)
        lowest = pad_same(y, kernel, stride, value=-float("inf")) if padding == SAME else y
        m.op("MAX_POOL_2D", [x], F.relu(nhwc(F.max_pool2d(lowest, kernel, stride))), f"max {name}",
             {**options, "activation": RELU})
    axes = m.ints("axes", [1, 2])
    m.op("MEAN", [x, axes], m.v(x).mean((1, 2)), "means")
    m.op("MEAN", [x, axes], m.v(x).mean((1, 2), True), "means kept", {"keepDims": True})
    m.op("SUM", [x, m.ints("last", [-1])], m.v(x).sum(3), "sums of channels")
    m.op("REDUCE_MAX", [x, m.ints("row and channel", [1, 3])], m.v(x).amax((1, 3)), "largest")
    m.op("ARG_MAX", [x, m.ints("channel", [3], [])], m.v(x).argmax(3), "classes", {"type": 2}, type="int32")
    m.op("ARG_MAX", [x, m.ints("row", [1], [])], m.v(x).argmax(1), "rows", {"type": 2}, type="int32")
    return m.case()


def elementwise():
    m = Model("elementwise")
    x = m.feed("a", (2, 3, 4, 5))
    y = m.feed("b", (2, 3, 4, 5))
    channel, whole, row = m.weight("channel", (5,)), m.weight("whole", (3, 4, 5)), m.weight("row", (1, 1, 4, 1))
    one = m.weight("one", ())
    positive = m.tensor("positive", m.v(channel).abs() + 0.5, data=numbers(m.v(channel).abs() + 0.5, 17))
    a, b = m.v(x), m.v(y)
    m.op("ADD", [x, channel], F.relu(a + m.v(channel)), "sum", {"activation": RELU})
    m.op("ADD", [x, y], (a + b).clamp(0, 6), "sum of two", {"activation": RELU6})
    m.op("SUB", [channel, x], m.v(channel) - a, "difference")
    m.op("SUB", [x, one], a - m.v(one), "less one")
    m.op("MUL", [x, whole], a * m.v(whole), "product")
    m.op("MUL", [x, row], a * m.v(row), "product of columns")
    m.op("DIV", [x, positive], a / m.v(positive), "quotient")
    m.op("MAXIMUM", [x, y], torch.maximum(a, b), "larger")
    m.op("MINIMUM", [x, channel], torch.minimum(a, m.v(channel)), "smaller")
    m.op("SQUARED_DIFFERENCE", [x, y], (a - b) ** 2, "squared")
    m.op("NEG", [x], -a, "negative")
    e = m.op("EXP", [x], a.exp(), "exponential")
    m.op("SQRT", [e], a.exp().sqrt(), "root")
    m.op("RSQRT", [e], a.exp().rsqrt(), "inverse root")
    m.op("CAST", [x], a.trunc(), "whole numbers", {"to": 2}, type="int32")
    return m.case()


def activations():
    m = Model("activations")
    x = m.feed("x", (1, 4, 3, 5), 4.0)
    rows = m.feed("rows", (3, 7))
    a, r = m.v(x), m.v(rows)
    slope = m.weight("slope", (1, 1, 5))
    for op, value, options in [
        ("RELU", F.relu(a), {}), ("RELU6", a.clamp(0, 6), {}), ("RELU_N1_TO_1", a.clamp(-1, 1), {}),
        ("LEAKY_RELU", F.leaky_relu(a, 0.125), {"alpha": 0.125}), ("HARD_SWISH", F.hardswish(a), {}),
        ("LOGISTIC", a.sigmoid(), {}), ("TANH", a.tanh(), {}), ("ELU", F.elu(a), {}),
        ("SOFTMAX", (2 * a).softmax(3), {"beta": 2.0}), ("LOG_SOFTMAX", a.log_softmax(3), {}),
        ("L2_NORMALIZATION", F.normalize(a, dim=3), {}),
    ]:
        m.op(op, [x], value, op.lower(), options)
    m.op("PRELU", [x, slope], torch.where(a > 0, a, a * m.v(slope)), "prelu")
    m.op("SOFTMAX", [rows], r.softmax(1), "softmax of rows", {"beta": 1.0})
    m.op("LOG_SOFTMAX", [rows], r.log_softmax(1), "log_softmax of rows")
    return m.case()


def shapes():
    m = Model("shapes")
    x = m.feed("x", (2, 4, 6, 8))
    v = m.feed("v", (2, 5, 3))
    a, b = m.v(x), m.v(v)
    m.op("RESHAPE", [x, m.ints("to", [2, -1, 4])], a.reshape(2, -1, 4), "reshaped", {"shape": [2, -1, 4]})
    m.op("RESHAPE", [v], b.reshape(2, 15), "by option", {"shape": [2, 15]})
    thin = m.op("SLICE", [x, m.ints("from", [0, 1, 2, 3]), m.ints("size", [-1, 1, 1, 4])], a[:, 1:2, 2:3, 3:7], "part")
    m.op("SQUEEZE", [thin], a[:, 1, 2, 3:7], "squeezed", {"axes": [1, 2]})
    m.op("EXPAND_DIMS", [v, m.ints("at", [1], [])], b[:, None], "expanded")
    m.op("CONCATENATION", [x, x], torch.cat([a, a], 3), "channels twice", {"axis": 3})
    m.op("CONCATENATION", [x, x], torch.cat([a, a], 1), "rows twice", {"axis": -3})
    m.op("CONCATENATION", [v, v], torch.cat([b, b], 2), "vectors", {"axis": 2})
    m.op("SPLIT", [m.ints("axis", [3], []), x], list(a.split(4, 3)), ["first half", "second half"], {"parts": 2})
    m.op("SPLIT_V", [x, m.ints("sizes", [1, -1, 2]), m.ints("axis2", [2], [])], list(a.split([1, 3, 2], 2)),
         ["one", "three", "two"], {"parts": 3})
    m.op("STRIDED_SLICE", [x, m.ints("begin", [0, 1, 0, 2]), m.ints("end", [0, 4, -1, 8]), m.ints("step", [1, 2, 1, 3])],
         a[:, 1:4:2, :-1, 2:8:3], "strided", {"beginMask": 1, "endMask": 1})
    m.op("STRIDED_SLICE", [x, m.ints("b2", [0, -1, 0, 0]), m.ints("e2", [0, 0, 0, 0]), m.ints("s2", [1, 1, 1, 1])],
         a[:, -1], "last row", {"beginMask": 13, "endMask": 13, "shrinkMask": 2})
    m.op("TRANSPOSE", [x, m.ints("order", [0, 2, 1, 3])], a.permute(0, 2, 1, 3), "turned")
    m.op("PACK", [v, v], torch.stack([b, -(-b)], 1), "packed", {"count": 2, "axis": 1})
    m.op("UNPACK", [v], list(b.unbind(2)), ["u0", "u1", "u2"], {"count": 3, "axis": -1})
    m.op("GATHER", [v, m.ints("which", [2, 0])], b[:, :, [2, 0]], "gathered", {"axis": 2})
    m.op("TILE", [v, m.ints("times", [1, 2, 3])], b.repeat(1, 2, 3), "tiled")
    m.op("DEPTH_TO_SPACE", [x], nhwc(depth_to_space(nchw(a), 2)), "to space", {"block": 2})
    m.op("SPACE_TO_DEPTH", [x], space_to_depth(a, 2), "to depth", {"block": 2})
    return m.case()


def depth_to_space(x, block):
    """TensorFlow's order: the channels are [block, block, depth]."""
    n, c, h, w = x.shape
    depth = c // block ** 2
    return x.reshape(n, block, block, depth, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, depth, h * block, w * block)


def space_to_depth(x, block):
    n, h, w, c = x.shape
    return x.reshape(n, h // block, block, w // block, block, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h // block, w // block, -1)


def pads():
    m = Model("pads")
    x = m.feed("x", (1, 4, 5, 3))
    v = m.feed("v", (2, 3))
    a = m.v(x)
    spatial = m.ints("spatial", [0, 0, 1, 2, 3, 0, 0, 0], [4, 2])
    channels = m.ints("channels", [0, 0, 0, 0, 0, 1, 2, 1], [4, 2])
    m.op("PAD", [x, spatial], F.pad(a, (0, 0, 3, 0, 1, 2)), "zeros")
    m.op("PAD", [x, channels], F.pad(a, (2, 1, 0, 1)), "channels padded")
    m.op("PADV2", [v, m.ints("both", [1, 0, 0, 2], [2, 2]), m.tensor("filling", torch.tensor(-1.5).double(), data=[-1.5])],
         F.pad(m.v(v), (0, 2, 1, 0), value=-1.5), "filled")
    m.op("MIRROR_PAD", [x, spatial], nhwc(F.pad(nchw(a), (3, 0, 1, 2), "reflect")), "reflected", {"mode": 0})
    rows = [0, 0, 1, 2, 3, 3, 2]
    columns = [2, 1, 0, 0, 1, 2, 3, 4]
    m.op("MIRROR_PAD", [x, spatial], a[:, rows][:, :, columns], "symmetric", {"mode": 1})
    return m.case()


def resizing():
    m = Model("resizing")
    x = m.feed("x", (1, 3, 4, 2))
    a = nchw(m.v(x))
    size = m.ints("size", [7, 6])
    for name, options, pick in [
        ("corners", {"alignCorners": True}, lambda n, o: [p * (n - 1) / (o - 1) for p in range(o)]),
        ("half pixels", {"halfPixel": True}, lambda n, o: [(p + 0.5) * n / o - 0.5 for p in range(o)]),
        ("asymmetric", {}, lambda n, o: [p * n / o for p in range(o)]),
    ]:
        rows, columns = pick(3, 7), pick(4, 6)
        m.op("RESIZE_BILINEAR", [x, size], nhwc(interpolated(a, rows, columns)), f"bilinear {name}", options)
        whole = {"corners": lambda u: int(u + 0.5), "half pixels": lambda u: int(u + 0.5), "asymmetric": int}[name]
        y = a[:, :, [min(whole(u), 2) for u in rows]][:, :, :, [min(whole(u), 3) for u in columns]]
        m.op("RESIZE_NEAREST_NEIGHBOR", [x, size], nhwc(y), f"nearest {name}", options)
    return m.case()


def interpolated(x, rows, columns):
    for axis, places in ((2, rows), (3, columns)):
        last = x.shape[axis] - 1
        places = [min(max(u, 0), last) for u in places]
        low = [int(u) for u in places]
        high = [min(i + 1, last) for i in low]
        weight = torch.tensor([u - i for u, i in zip(places, low)]).double().reshape([-1 if i == axis else 1 for i in range(4)])
        x = x.index_select(axis, torch.tensor(low)) * (1 - weight) + x.index_select(axis, torch.tensor(high)) * weight
    return x


def folding():
    """view(x.size(0), -1) as TensorFlow writes it, and weights kept in float16."""
    m = Model("folding")
    x = m.feed("x", (3, 2, 2, 5))
    shape = m.op("SHAPE", [x], torch.tensor([3, 2, 2, 5]), "shape", {"type": 2}, end=False, type="int32")
    one = [m.ints(n, v) for n, v in (("zero", [0]), ("one", [1]), ("step", [1]))]
    batch = m.op("STRIDED_SLICE", [shape, *one], torch.tensor(3), "batch", {"shrinkMask": 1}, end=False, type="int32")
    to = m.op("PACK", [batch, m.ints("open", [-1], [])], torch.tensor([3, -1]), "to", {"count": 2, "axis": 0}, end=False, type="int32")
    flat = m.op("RESHAPE", [x, to], m.v(x).reshape(3, -1), "flat", end=False)
    half = short("tflite folding half", (4, 20), 1.0)
    m.tensor("half", half, type="float16", data=numbers(half, 17))
    w = m.op("DEQUANTIZE", ["half"], half, "half_dequantize", end=False)
    m.op("FULLY_CONNECTED", [flat, w, None], F.relu(m.v(flat) @ half.T), "logits", {"activation": RELU})
    rows = m.feed("rows", (2, 3, 20))
    m.op("FULLY_CONNECTED", [rows, w, m.weight("bias", (4,))], m.v(rows) @ half.T + m.v("bias"), "kept", {"keepDims": True})
    return m.case()


def quantised():
    """A small classifier quantised throughout, as a post-training converter writes it; no rounding between the layers."""
    m = Model("quantised")
    x = m.feed("image", (1, 8, 8, 3), 1.0, type="uint8", scale=[1 / 128], zero=[128])
    q = m.op("QUANTIZE", [x], m.v(x), "image_int8", end=False, type="int8", scale=[1 / 128], zero=[0])
    act = {"type": "int8", "scale": [6 / 255], "zero": [-128]}
    w = m.quantized("conv", (4, 3, 3, 3), "int8", [0.004, 0.003, 0.005, 0.002])
    b = m.quantized("conv bias", (4,), "int32", [s / 128 for s in (0.004, 0.003, 0.005, 0.002)])
    c = conv(m, q, w, b, "conv out", (2, 2), act=RELU6, end=False, **act)
    wd = m.quantized("depthwise", (1, 3, 3, 4), "int8", [0.01, 0.02, 0.005, 0.01], axis=3)
    bd = m.quantized("depthwise bias", (4,), "int32", [s * 6 / 255 for s in (0.01, 0.02, 0.005, 0.01)])
    d = conv(m, c, wd, bd, "depthwise out", act=RELU6, depthwise=True, end=False, **act)
    s = m.op("ADD", [c, d], m.v(c) + m.v(d), "skip", end=False, type="int8", scale=[12 / 255], zero=[-128])
    p = m.op("MEAN", [s, m.ints("axes", [1, 2])], m.v(s).mean((1, 2)), "pooled", end=False, **act)
    wf = m.quantized("classifier", (5, 4), "int8", [0.02])
    bf = m.quantized("classifier bias", (5,), "int32", [0.02 * 6 / 255])
    logits = m.v(p) @ m.v(wf).T + m.v(bf)
    f = m.op("FULLY_CONNECTED", [p, wf, bf], logits, "logits", end=False, type="int8", scale=[0.1], zero=[0])
    soft = m.op("SOFTMAX", [f], logits.softmax(1), "softmax", {"beta": 1.0}, end=False, type="int8", scale=[1 / 256], zero=[-128])
    m.op("DEQUANTIZE", [soft], logits.softmax(1), "probabilities")
    return m.case()


def asymmetric():
    """Unsigned bytes with zero points of their own, as converters wrote before signed ones."""
    m = Model("asymmetric")
    x = m.feed("features", (3, 6), 1.0, type="uint8", scale=[1 / 128], zero=[128])
    w = m.quantized("w", (4, 6), "uint8", [0.01], [120])
    b = m.quantized("b", (4,), "int32", [0.01 / 128])
    y = m.op("FULLY_CONNECTED", [x, w, b], m.v(x) @ m.v(w).T + m.v(b), "y", end=False, type="uint8", scale=[0.05], zero=[100])
    m.op("DEQUANTIZE", [y], m.v(y), "numbers")
    return m.case()


def make():
    cases = [f() for f in (convolutions, pools, elementwise, activations, shapes, pads, resizing, folding, quantised, asymmetric)]
    write_cases("tflite/cases.json", cases)
    print(f"  tflite: {len(cases)} models")
