"""Golden files of transfer learning: published-style weights, a folder of pictures, and what PyTorch makes of them.

  transfer/weights.safetensors   mobilenet_v2 of width 0.25, float16, torchvision's names, trained here on eight other patterns
  transfer/pictures/             train/ and test/ of three patterns, 48x48 PNG
  transfer/runs.json             per recipe (fine-tuning all, the head alone): loss of every step, test accuracy and logits
  transfer/timm.json             names and shapes of timm's networks, from timm 1.0.29 (not made here; see `timm_names`)

The recipe is sabok's own: the order of images and the head's first weights are drawn as packages/sabok/src/core/random.ts draws them.
"""

import math
import os
import shutil
import struct
import zlib

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

import common
from common import DTYPES, fnv1a32, numbers, write_object, write_safetensors

MASK = 0xFFFFFFFF
SIDE = 48
CLASSES = ["cross", "disc", "ring"]
OTHERS = ["bars", "checks", "diamond", "frame", "rows", "square", "steps", "wedge"]
PER_CLASS = {"train": 16, "test": 12}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
RECIPE = {"batch": 8, "epochs": 8, "learningRate": 0.005, "momentum": 0.9, "weightDecay": 5e-4, "smoothing": 0.1,
          "warmupEpochs": 1, "seed": 7}


# ---------------------------------------------------------------- sabok's random numbers

def mix32(value):
    h = value & MASK
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


class Random:
    """xoshiro128**, seeded through mix32."""

    def __init__(self, seed):
        self.s = [mix32(seed + i * 0x9E3779B9) for i in (1, 2, 3, 4)]

    def uniform(self):
        s = self.s
        p = (s[1] * 5) & MASK
        r = ((((p << 7) | (p >> 25)) & MASK) * 9) & MASK
        t = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 11) | (s[3] >> 21)) & MASK
        return r / 2.0**32

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = int(self.uniform() * (i + 1))
            order[i], order[j] = order[j], order[i]
        return order


def epoch_order(count, seed, epoch):
    return Random(mix32(mix32(seed ^ fnv1a32("order")) + epoch * 0x9E3779B9)).permutation(count)


def drawn_head(shape, seed, name="classifier.1.weight"):
    random = Random(mix32(mix32(seed) ^ fnv1a32(name)))
    return torch.tensor([0.01 * random.normal() for _ in range(math.prod(shape))], dtype=torch.float32).reshape(shape)


# ---------------------------------------------------------------- pictures

def pattern(name, u, v):
    """Where the pattern is, in coordinates of about -1 to 1."""
    r = np.hypot(u, v)
    m = np.maximum(abs(u), abs(v))
    return {
        "cross": (np.minimum(abs(u), abs(v)) < 0.22) & (m < 0.9),
        "disc": r < 0.7,
        "ring": (r > 0.45) & (r < 0.8),
        "bars": (np.floor(u * 3) % 2 == 0) & (m < 0.9),
        "rows": (np.floor(v * 3) % 2 == 0) & (m < 0.9),
        "checks": ((np.floor(u * 3) + np.floor(v * 3)) % 2 == 0) & (m < 0.9),
        "diamond": abs(u) + abs(v) < 0.85,
        "frame": (m > 0.45) & (m < 0.8),
        "square": m < 0.65,
        "steps": (v > np.floor(u * 3) / 3) & (m < 0.8),
        "wedge": (abs(u) < 0.5 * (v + 0.8)) & (v < 0.6),
    }[name]


def picture(name, random):
    """uint8 [SIDE, SIDE, 3]: the pattern in a colour at a place and size, on a shaded and noisy ground."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE / 2) - 1
    size, dx, dy = random.uniform(0.6, 0.9), random.uniform(-0.15, 0.15), random.uniform(-0.15, 0.15)
    turn = random.uniform(-0.2, 0.2)
    u, v = (x - dx) / size, (y - dy) / size
    u, v = math.cos(turn) * u + math.sin(turn) * v, math.cos(turn) * v - math.sin(turn) * u
    ground = random.uniform(0.1, 0.9, 3)
    colour = (ground + random.uniform(0.35, 0.65, 3)) % 1
    shade = 1 + 0.25 * (random.uniform(-1, 1) * x + random.uniform(-1, 1) * y)
    image = np.where(pattern(name, u, v)[..., None], colour, ground) * shade[..., None]
    image = image + 0.03 * random.standard_normal((SIDE, SIDE, 1))
    # Steps of 8 keep the files small.
    return (np.clip(np.round(image * 31), 0, 31) * 8).astype(np.uint8)


def write_png(path, image):
    height, width, _ = image.shape
    rows = b"".join(b"\0" + image[y].tobytes() for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def as_tensor(images):
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).double() / 255
    return ((x - torch.tensor(MEAN).reshape(3, 1, 1)) / torch.tensor(STD).reshape(3, 1, 1)).float()


# ---------------------------------------------------------------- training

def network(classes, dropout=0.0):
    model = torchvision.models.MobileNetV2(num_classes=classes, width_mult=0.25, dropout=dropout)
    return model


def pretrained():
    """Weights like those people publish, but small: trained on patterns that the pictures do not show."""
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    model = network(len(OTHERS)).train()
    steps, batch = 900, 32
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for _ in range(steps):
        labels = random.integers(0, len(OTHERS), batch)
        x = as_tensor([picture(OTHERS[label], random) for label in labels])
        loss = F.cross_entropy(model(x), torch.from_numpy(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    print(f"  pretraining ends with loss {loss.item():.3f}", flush=True)
    state = model.state_dict()
    return {name: t if t.dtype == torch.int64 else t.half() for name, t in state.items()}


def rate_at(step, warmup, total):
    peak = RECIPE["learningRate"]
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup))) / 2


def fine_tune(weights, train, test, freeze):
    model = network(len(CLASSES))
    state = {name: t.float() if t.dtype == torch.float16 else t for name, t in weights.items()}
    state["classifier.1.weight"] = drawn_head((len(CLASSES), 1280), RECIPE["seed"])
    state["classifier.1.bias"] = torch.zeros(len(CLASSES))
    model.load_state_dict(state)
    trained = [p for n, p in model.named_parameters() if not freeze or n.startswith("classifier.1.")]
    decay = [p for p in trained if p.dim() > 1]
    free = [p for p in trained if p.dim() == 1]
    groups = [{"params": decay, "weight_decay": RECIPE["weightDecay"]}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=1, momentum=RECIPE["momentum"], nesterov=True)
    (x, y), batch = train, RECIPE["batch"]
    steps = len(y) // batch
    losses = []
    for epoch in range(RECIPE["epochs"]):
        model.train(not freeze)
        order = torch.tensor(epoch_order(len(y), RECIPE["seed"], epoch))
        for step in range(steps):
            at = order[step * batch:(step + 1) * batch]
            for group in optimizer.param_groups:
                group["lr"] = rate_at(epoch * steps + step, RECIPE["warmupEpochs"] * steps, RECIPE["epochs"] * steps)
            loss = F.cross_entropy(model(x[at]), y[at], label_smoothing=RECIPE["smoothing"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(test[0])
    correct = int((logits.argmax(1) == test[1]).sum())
    print(f"  freeze {freeze}: loss {losses[0]:.3f} to {losses[-1]:.3f}, {correct} of {len(test[1])} right", flush=True)
    return {"freeze": freeze, "losses": numbers(np.array(losses), 8), "correct": correct, "count": len(test[1]),
            "logits": [numbers(row, 6) for row in logits]}


def make():
    DTYPES[torch.float16] = "F16"
    folder = os.path.join(common.OUT, "transfer")
    shutil.rmtree(os.path.join(folder, "pictures"), ignore_errors=True)
    random = np.random.default_rng(2)
    sets = {}
    for part, count in PER_CLASS.items():
        images, labels = [], []
        for label, name in enumerate(CLASSES):
            for i in range(count):
                images.append(picture(name, random))
                labels.append(label)
                write_png(os.path.join(folder, "pictures", part, name, f"{i:02}.png"), images[-1])
        sets[part] = (as_tensor(images), torch.tensor(labels))
    weights = pretrained()
    write_safetensors("transfer/weights.safetensors", weights, {"format": "pt"})
    runs = [fine_tune(weights, sets["train"], sets["test"], freeze) for freeze in (False, True)]
    write_object("transfer/runs.json", {"torch": torch.__version__, "recipe": RECIPE, "classes": CLASSES, "runs": runs})


def timm_names(path):
    """Names and shapes of timm's networks: run with a Python that has timm (1.0.29 made the committed file)."""
    import timm

    names = ["mobilenetv2_100", "mobilenetv2_050", "mobilenetv3_large_100", "mobilenetv3_small_100", "resnet18"]
    states = {name: timm.create_model(name).state_dict() for name in names}
    rows = {name: sorted([key, list(t.shape)] for key, t in state.items()) for name, state in states.items()}
    common.write_object(path, rows)
