"""What every golden script shares: the counter-based filler, the number format, the two file formats.

The filler is deliberately not a torch or numpy generator: TypeScript repeats it exactly (README.md, "The
formula"), so a full-size network can be checked without committing its weights.
"""

import json
import math
import os
import struct

import numpy as np
import torch

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

OUT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/sabok/golden"))


# ---------------------------------------------------------------- the formula

def fnv1a32(text):
    """FNV-1a over the UTF-8 bytes of `text`, 32 bits."""
    h = 0x811C9DC5
    for byte in text.encode("utf-8"):
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def fmix32(x):
    """The murmur3 finaliser, on an array of uint32."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x85EBCA6B)
    x = x ^ (x >> np.uint32(13))
    x = x * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def hash32(name, count):
    """uint32[count]: fmix32(fmix32(index + h * 0x9E3779B9)), h = fnv1a32(name), all modulo 2^32."""
    offset = np.uint32((fnv1a32(name) * 0x9E3779B9) & 0xFFFFFFFF)
    return fmix32(fmix32(np.arange(count, dtype=np.uint32) + offset))


def uniform(name, shape):
    """float64 array in [0, 1): (hash32 >>> 8) / 2^24."""
    u = (hash32(name, math.prod(shape)) >> np.uint32(8)).astype(np.float64) / 2.0**24
    return u.reshape(shape)


def short(name, shape, span=2.0):
    """float64 tensor in (-span, span): odd multiples of 1/512.

    Short in JSON, exact in float32, and never on an integer or a half: no kink of relu, relu6, hardswish.
    """
    steps = int(span * 256)
    k = np.floor(uniform(name, shape) * (2 * steps)) - steps
    return torch.from_numpy(np.asarray((2 * k + 1) / 512))


def distinct(name, shape):
    """Like `short`, but no value occurs twice: what max pooling needs to have one gradient."""
    count = math.prod(shape)
    order = np.argsort(hash32(name, count), kind="stable")
    rank = np.empty(count)
    rank[order] = np.arange(count)
    return torch.from_numpy(((2 * (rank - count // 2) + 1) * 5 / 512).reshape(shape))


def hardsigmoid(x):
    """F.hardsigmoid, but its gradient is 1/6 in float64: torch 1.13's own kernel multiplies by a float32 1/6."""
    return torch.nn.functional.relu6(x + 3) / 6


# ---------------------------------------------------------------- JSON

def number(v, digits):
    v = float(v)
    if v == int(v) and abs(v) < 1e15:
        return int(v) if v != 0 or math.copysign(1, v) > 0 else 0
    return float(f"{v:.{digits}g}")


def numbers(t, digits=12):
    """Flat row-major list, rounded to `digits` significant digits (17 = exact)."""
    if isinstance(t, torch.Tensor):
        t = t.detach().numpy()
    return [number(v, digits) for v in np.asarray(t).reshape(-1)]


def tensor(t, digits=12):
    return {"shape": list(t.shape), "data": numbers(t, digits)}


def exact(t):
    return tensor(t, 17)


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def write_text(path, text):
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def write_cases(path, cases):
    """A JSON array with one case a line, so that a diff shows which case moved."""
    write_text(path, "[\n" + ",\n".join(compact(c) for c in cases) + "\n]\n")


def write_object(path, obj):
    """A JSON object with one top-level entry a line."""
    rows = [f"{json.dumps(k)}:{compact(v)}" for k, v in obj.items()]
    write_text(path, "{\n" + ",\n".join(rows) + "\n}\n")


# ---------------------------------------------------------------- safetensors

DTYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}


def write_safetensors(path, tensors, metadata):
    """uint64 LE header length, JSON header padded with spaces to 8 bytes, then the tensors back to back, LE."""
    header, chunks, at = {"__metadata__": metadata}, [], 0
    for name, t in tensors.items():
        array = t.detach().contiguous().numpy()
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": DTYPES[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        chunks.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))
