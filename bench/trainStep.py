# The PyTorch side of trainStep.mjs: the same network, loss and optimiser. Reads "<steps>\n" on stdin, runs that many
# training steps and prints the milliseconds of each as one JSON line.
import json
import sys
import time

import torch
from torch import nn


class Inverted(nn.Module):
    def __init__(self, cin, cout, stride, t):
        super().__init__()
        mid = cin * t
        layers = [] if t == 1 else [nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid), nn.ReLU6(inplace=True)]
        layers += [nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False), nn.BatchNorm2d(mid), nn.ReLU6(inplace=True)]
        layers += [nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout)]
        self.conv = nn.Sequential(*layers)
        self.skip = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.conv(x) if self.skip else self.conv(x)


def build(spec):
    layers = [nn.Conv2d(3, spec["stem"], 3, 1, 1, bias=False), nn.BatchNorm2d(spec["stem"]), nn.ReLU6(inplace=True)]
    channels = spec["stem"]
    for t, c, n, s in spec["blocks"]:
        for i in range(n):
            layers.append(Inverted(channels, c, s if i == 0 else 1, t))
            channels = c
    layers += [nn.Conv2d(channels, spec["head"], 1, bias=False), nn.BatchNorm2d(spec["head"]), nn.ReLU6(inplace=True)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(spec["head"], 10)]
    return nn.Sequential(*layers)


spec = json.loads(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
channels_last = sys.argv[3] == "channels_last"
torch.manual_seed(0)
model = build(spec).train()
x = torch.randn(spec["batch"], 3, 32, 32)
target = torch.randint(0, 10, (spec["batch"],))
if channels_last:
    model = model.to(memory_format=torch.channels_last)
    x = x.contiguous(memory_format=torch.channels_last)
loss_of = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=1e-4)


def step():
    optimizer.zero_grad()
    loss = loss_of(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"version": torch.__version__, "parameters": sum(p.numel() for p in model.parameters())}), flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        begun = time.perf_counter()
        step()
        times.append((time.perf_counter() - begun) * 1000)
    print(json.dumps(times), flush=True)
