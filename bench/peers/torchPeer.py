# PyTorch eager: the plain nodes of a case, in either memory layout; see lib/caseFolder.mjs and lib/serve.mjs.
import json
import os
import sys
import time

import torch
import torch.nn.functional as F


def at_once(fn, out, *ins):
    """A node as a step over the table of values."""

    def step(values):
        values[out] = fn(*[values[name] for name in ins])

    return step


def padded(node):
    top, left, bottom, right = node["padding"]
    if top != bottom or left != right:
        raise ValueError("uneven padding")
    return (top, left)


def activation(op):
    return {
        "relu": lambda x: F.relu(x, inplace=True),
        "relu6": lambda x: F.relu6(x, inplace=True),
        "hardSwish": lambda x: F.hardswish(x, inplace=True),
        "hardSigmoid": lambda x: F.hardsigmoid(x, inplace=True),
    }[op]


def geometry(node):
    return tuple(node["stride"]), padded(node), tuple(node["dilation"]), node["groups"]


def compute(node, tensors):
    op = node["op"]
    ins = node.get("inputs", [])
    if op == "conv2d":
        stride, padding, dilation, groups = geometry(node)
        bias = tensors[node["bias"]] if "bias" in node else None
        return lambda x, w: F.conv2d(x, w, bias, stride, padding, dilation, groups)
    if op == "conv2dWeightGradient":
        stride, padding, dilation, groups = geometry(node)
        shape = node["shape"]
        return lambda x, dy: torch.ops.aten.convolution_backward(
            dy, x, dy.new_empty(shape), None, stride, padding, dilation, False, (0, 0), groups, (False, True, False)
        )[1]
    if op == "conv2dInputGradient":
        stride, padding, dilation, groups = geometry(node)
        shape = node["shape"]
        layout = torch.channels_last if tensors[ins[1]].is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
        x = torch.empty(shape).contiguous(memory_format=layout)
        return lambda dy, w: torch.ops.aten.convolution_backward(
            dy, x, w, None, stride, padding, dilation, False, (0, 0), groups, (True, False, False)
        )[0]
    if op == "linear":
        bias = tensors[node["bias"]] if "bias" in node else None
        return lambda x, w: F.linear(x, w, bias)
    if op == "batchNorm":
        stem = ins[1].rsplit(".", 1)[0]
        mean, variance = tensors[stem + ".running_mean"], tensors[stem + ".running_var"]
        return lambda x, w, b: F.batch_norm(x, mean, variance, w, b, torch.is_grad_enabled(), node["momentum"], node["epsilon"])
    if op == "maxPool2d":
        return lambda x: F.max_pool2d(x, node["kernel"], node["stride"], padded(node))
    if op == "slice":
        slices = tuple(slice(s, s + n) for s, n in zip(node["starts"], node["shape"]))
        return lambda x: x[slices]
    simple = {
        "add": torch.add,
        "mul": torch.mul,
        "globalAveragePool": lambda x: F.adaptive_avg_pool2d(x, 1),
        "flatten": lambda x: torch.flatten(x, 1),
    }
    return simple[op] if op in simple else activation(op)


def learning(case, tensors, forward, optimizer, last):
    """Epochs over the case's images, and the share of its test images that the network then names rightly."""
    batch, place = case["batch"], case["inputs"][0]

    def pictures(name):
        pixels = tensors[name].view(-1, *place["shape"][1:])
        return pixels.contiguous(memory_format=torch.channels_last) if last else pixels

    images, test = pictures("images"), pictures("testImages")
    labels, names = tensors["labels"].long(), tensors["testLabels"].long()
    count, epochs = len(labels), 0

    def epoch():
        nonlocal epochs
        for first in range(0, count - batch + 1, batch):
            # The order of lib/readCase.mjs.
            order = torch.tensor([(i * 7919 + epochs * 104729) % count for i in range(first, first + batch)])
            tensors[place["name"]] = images[order]
            optimizer.zero_grad()
            loss = F.cross_entropy(forward(), labels[order])
            loss.backward()
            optimizer.step()
        epochs += 1

    def accuracy():
        right = 0
        with torch.no_grad():
            for first in range(0, len(names) - batch + 1, batch):
                tensors[place["name"]] = test[first : first + batch]
                right += (forward().argmax(1) == names[first : first + batch]).sum().item()
        return right / (len(names) // batch * batch)

    return epoch, [], accuracy


def load(task):
    torch.set_num_threads(task.get("threads", 1))
    folder = task["folder"]
    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    with open(os.path.join(folder, "tensors.f32"), "rb") as file:
        numbers = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    last = task["layout"] == "channels_last"
    tensors = {}
    for name, place in case["tensors"].items():
        size = 1
        for dimension in place["shape"]:
            size *= dimension
        tensor = numbers[place["at"] : place["at"] + size].view(place["shape"]).clone()
        if last and tensor.dim() == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        tensors[name] = tensor
    training = case["kind"] in ("training", "accuracy")
    steps = []
    read = set()
    for node in case["nodes"]:
        if node["op"] == "input":
            continue
        steps.append(at_once(compute(node, tensors), node["name"], *node["inputs"]))
        if "activation" in node:
            steps.append(at_once(activation(node["activation"]), node["name"], node["name"]))
        read.update(node["inputs"][1:] + [node["bias"]] if "bias" in node else node["inputs"][1:])

    def forward():
        values = dict(tensors)
        for step in steps:
            step(values)
        return values[case["output"]]

    accuracy = None
    if not training:

        def run():
            with torch.inference_mode():
                return forward()

        return run, run().reshape(-1).tolist(), accuracy
    parameters = [t.requires_grad_() for name, t in tensors.items() if name in read]
    o = case["optimizer"]
    optimizer = torch.optim.SGD(
        parameters, lr=case["rate"], momentum=o["momentum"], nesterov=o["nesterov"], weight_decay=o["weightDecay"]
    )
    if case["kind"] == "accuracy":
        return learning(case, tensors, forward, optimizer, last)
    target = tensors["target"].argmax(1)

    def train():
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    return train, [train() for _ in range(3)], accuracy


run = accuracy = None
for line in sys.stdin:
    message = json.loads(line)
    try:
        if "load" in message:
            run, output, accuracy = load(message["load"])
            answer = {"version": torch.__version__, "output": output}
        else:
            times = []
            before = time.process_time()
            for _ in range(message["run"]):
                begun = time.perf_counter()
                run()
                times.append((time.perf_counter() - begun) * 1000)
            answer = {"times": times, "cpu": (time.process_time() - before) * 1000 / message["run"]}
            if accuracy:
                answer["accuracy"] = accuracy()
    except Exception as error:
        answer = {"error": str(error).split("\n")[0]}
    print(json.dumps(answer), flush=True)
