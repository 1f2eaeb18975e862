"""Three steps of training of one small network, in float64: trainStep/{sgd,adamw}.json and initial.json.

The network (names as torchvision writes a MobileNetV3 block; NCHW; every convolution but SE's without bias):

    x [8,3,12,12]
    features.0.0        conv 3 -> 8, 3x3, stride 2, padding 1                      -> [8,8,6,6]
    features.0.1        batch norm, relu6                                          -> a
    features.1.block.0.0  conv 8 -> 12, 1x1                                        -> [8,12,6,6]
    features.1.block.0.1  batch norm, relu6
    features.1.block.1.0  depthwise conv 12, 3x3, stride 1, padding 1, groups 12
    features.1.block.1.1  batch norm, hardswish                                    -> b
    features.1.block.2.fc1  conv 12 -> 4, 1x1, bias, on the spatial mean of b; relu
    features.1.block.2.fc2  conv 4 -> 12, 1x1, bias; hardsigmoid                   -> s [8,12,1,1];  b * s
    features.1.block.3.0  conv 12 -> 8, 1x1
    features.1.block.3.1  batch norm, no activation (linear bottleneck)
                        + a (skip)                                                 -> [8,8,6,6]
    spatial mean, then classifier: linear 8 -> 5, bias                             -> logits [8,5]

Batch norm: eps 1e-5, momentum 0.1 in PyTorch's sense (running = 0.9 running + 0.1 batch, unbiased variance).
Loss: mean cross-entropy, label smoothing 0.1. Weight decay on the weights of rank 2 and more, on nothing else.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import hardsigmoid, number, tensor, uniform, write_object
from models import fill_input, fill_tensor

CLASSES, LABELS = 5, [0, 3, 1, 4, 2, 3, 0, 1]


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        return x * hardsigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(
            nn.Sequential(nn.Conv2d(8, 12, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU6()),
            nn.Sequential(nn.Conv2d(12, 12, 3, padding=1, groups=12, bias=False), nn.BatchNorm2d(12), nn.Hardswish()),
            SqueezeExcitation(12, 4),
            nn.Sequential(nn.Conv2d(12, 8, 1, bias=False), nn.BatchNorm2d(8)),
        )

    def forward(self, x):
        return x + self.block(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU6()), Block())
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def kept(model):
    return {k: t for k, t in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def start():
    """The formula's weights; BN gains tripled where an activation follows, so that relu6 and hardswish saturate."""
    model = Net()
    state = {}
    for k, t in model.state_dict().items():
        state[k] = t if k.endswith("num_batches_tracked") else fill_tensor(k, tuple(t.shape))
        if k in ("features.0.1.weight", "features.1.block.0.1.weight", "features.1.block.1.1.weight"):
            state[k] = state[k] * 3
    model.load_state_dict(state)
    return model.double()


def snapshot(model):
    return {k: tensor(t, 16) for k, t in kept(model).items()}


def optimizer(name, model):
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    free = [p for p in model.parameters() if p.ndim < 2]
    if name == "sgd":
        attrs = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "nesterov": True, "weightDecay": 4e-5}
        return attrs, torch.optim.SGD([{"params": decayed, "weight_decay": 4e-5}, {"params": free, "weight_decay": 0}],
                                      lr=0.1, momentum=0.9, nesterov=True)
    attrs = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weightDecay": 0.05}
    return attrs, torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": free, "weight_decay": 0}],
                                    lr=1e-3, betas=(0.9, 0.999), eps=1e-8)


def make():
    x = fill_input((8, 3, 12, 12), "trainStep.input").double()
    x = x + torch.arange(8).reshape(8, 1, 1, 1) * 0.25 - 0.875  # images that differ, not noise alone
    labels = torch.tensor(LABELS)
    model = start()
    write_object("trainStep/initial.json", {
        "input": tensor(x, 17), "labels": LABELS, "classes": CLASSES, "labelSmoothing": 0.1,
        "bnEps": 1e-5, "bnMomentum": 0.1,
        "parameters": [k for k, _ in model.named_parameters()],
        "decayed": [k for k, p in model.named_parameters() if p.ndim >= 2],
        "state": {k: tensor(t, 17) for k, t in kept(model).items()},
    })
    for name in ("sgd", "adamw"):
        model = start().train()
        attrs, opt = optimizer(name, model)
        out = {"optimizer": name, "attrs": attrs}
        for step in (1, 2, 3):
            xs = x.clone().requires_grad_()
            logits = model(xs)
            loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
            opt.zero_grad()
            loss.backward()
            row = {"loss": number(loss, 16), "logits": tensor(logits, 16)}
            if step == 1:
                row["grads"] = {k: tensor(p.grad, 16) for k, p in model.named_parameters()}
                row["inputGrad"] = tensor(xs.grad, 16)
            opt.step()
            row["state"] = snapshot(model)
            out[f"step{step}"] = row
            print(f"  {name} step {step} loss {loss.item():.6f}")
        with torch.no_grad():
            out["evalLogits"] = tensor(model.eval()(x), 16)  # after step 3, with the running statistics
        write_object(f"trainStep/{name}.json", out)
    report_kinks(start().train(), x)


def report_kinks(model, x):
    """How much of each activation is on each side of its kinks: a golden step must exercise all of them."""
    a = model.features[0][1](model.features[0][0](x))
    b = model.features[1].block
    e = b[0][1](b[0][0](F.relu6(a)))
    d = b[1][1](b[1][0](F.relu6(e)))
    h = F.hardswish(d)
    z = b[2].fc1(h.mean((2, 3), keepdim=True))
    g = b[2].fc2(F.relu(z))
    for name, t, low, high in [("relu6 stem", a, 0, 6), ("relu6 expand", e, 0, 6), ("hardswish", d, -3, 3),
                               ("relu SE", z, 0, 1e9), ("hardsigmoid", g, -3, 3)]:
        share = [(t < low).double().mean().item(), (t > high).double().mean().item()]
        near = min((t - low).abs().min().item(), (t - high).abs().min().item())
        print(f"  {name}: {share[0]:.3f} below, {share[1]:.3f} above, nearest kink {near:.1e}")
