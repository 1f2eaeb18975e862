// A case on disk, so that every peer builds the same network from the same numbers:
//   sabok.json, sabok.safetensors   the training-form network as sabok writes it
//   model.onnx                      its folded inference form (inference cases)
//   case.json                       the same in a few plain operators, for peers without an importer: see `plainNodes`
//   tensors.f32                     weights and feeds, row-major; case.json says where each begins
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foldBatchNorm, toInference, withBatch } from "sabok";
import { toOnnx, writeModelJson, writeSafetensors } from "sabok/onnx";

const activations = new Set(["relu", "relu6", "hardSwish", "hardSigmoid", "sigmoid"]);
/** An operator, and what takes its place: its first operand under another name. */
const passedOver = new Set(["dropout"]);
/** Batch statistics and counters: a peer's own batch norm does what they do. */
const implied = new Set(["batchMean", "batchVariance", "movingAverage", "affine"]);

/**
 * A graph as nodes of the operators input, conv2d, linear, batchNorm, add, mul, globalAveragePool, maxPool2d, flatten,
 * slice, conv2dInputGradient, conv2dWeightGradient and activations; each names its operands. Biases, and with `fuse`
 * activations, are in the conv2d or linear they follow.
 */
function plainNodes(graph, fuse) {
  const nodes = [];
  const known = new Map();
  const readers = new Map();
  for (const value of graph.values) for (const input of value.inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const value of graph.values) {
    const { op, inputs, attrs, type } = value;
    if (implied.has(op)) continue;
    if (op === "parameter" || op === "buffer") {
      known.set(value, { name: value.name });
      continue;
    }
    const [first, ...others] = inputs.map((input) => known.get(input));
    if (passedOver.has(op)) {
      known.set(value, first);
      continue;
    }
    const fits = (first?.op === "conv2d" || first?.op === "linear") && readers.get(inputs[0]) === 1;
    if (op === "biasAdd" && fits && !first.bias) {
      first.bias = others[0].name;
      known.set(value, first);
      continue;
    }
    if (fuse && activations.has(op) && fits && !first.activation) {
      first.activation = op;
      known.set(value, first);
      continue;
    }
    const node = { name: op === "input" ? value.name : `v${value.id}`, op, shape: type.shape };
    if (op === "batchNorm") {
      const momenta = graph.updates.filter(({ value: next }) => next.op === "movingAverage" && next.inputs[1] === inputs[3]);
      Object.assign(node, {
        inputs: [first.name, others[0].name, others[1].name],
        epsilon: attrs.epsilon,
        momentum: momenta[0]?.value.attrs.momentum,
      });
    } else Object.assign(node, { inputs: [first, ...others].filter(Boolean).map(({ name }) => name), ...attrs });
    nodes.push(node);
    known.set(value, node);
  }
  const [output] = Object.values(graph.outputs).map((value) => known.get(value).name);
  return { nodes, output };
}

/** The weights with biases and running means that are not zero, so that a peer that forgets them is found out. */
function withBiases(weights) {
  return new Map(
    [...weights].map(([name, { shape, data }], i) => {
      const isZero = name.endsWith(".bias") || name.endsWith(".running_mean");
      return [name, { shape, data: isZero ? noise(data.length, i + 1).map((x, at) => data[at] + 0.1 * x) : data }];
    }),
  );
}

/** Random numbers of unit variance, the same everywhere for a seed (mulberry32, uniform). */
export function noise(length, seed = 1) {
  let state = seed * 0x9e3779b9;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32 - 0.5) * Math.sqrt(12);
  });
}

/**
 * Writes a case and gives its folder.
 * @param {{ graph: import("sabok").Graph, weights: ReadonlyMap<string, import("sabok").Tensor> }} network
 * @param {{ kind: "inference" | "training" | "accuracy" | "operator", batch: number, classes?: number, optimizer?: object, rate?: number,
 *   images?: Record<string, import("sabok").Tensor> }} options  images: more tensors for the case, by name
 */
export function writeCase({ graph: given, weights: first }, { images = {}, ...options }) {
  const network = { graph: given, weights: options.kind === "inference" ? withBiases(first) : first };
  const { kind, batch } = options;
  const folder = mkdtempSync(join(tmpdir(), "sabok-bench-"));
  const file = (name, content) => writeFileSync(join(folder, name), content);
  const whole = kind === "operator" ? network.graph : withBatch(network.graph, batch);
  file("sabok.json", writeModelJson(network.graph));
  file("sabok.safetensors", writeSafetensors(network.weights));
  const { graph, weights } =
    kind === "inference" ? foldBatchNorm(toInference(whole), network.weights) : { graph: whole, weights: network.weights };
  if ((kind === "inference" || kind === "operator") && options.onnx !== false) file("model.onnx", toOnnx(graph, weights, { batch: "fixed" }));
  const tensors = {};
  const pieces = [];
  let at = 0;
  const store = (name, shape, data) => {
    tensors[name] = { shape, at };
    pieces.push(Float32Array.from(data));
    at += data.length;
  };
  for (const [name, { shape, data }] of weights) store(name, shape, data);
  const inputs = Object.values(graph.inputs).map(({ name, type: { shape } }, i) => {
    store(name, shape, noise(shape.reduce((a, b) => a * b, 1), i + 1));
    return { name, shape };
  });
  for (const [name, { shape, data }] of Object.entries(images)) store(name, shape, data);
  if (kind === "training") {
    const { classes } = options;
    store("target", [batch, classes], Float32Array.from({ length: batch * classes }, (_, i) => Number(i % classes === Math.floor(i / classes) % classes)));
  }
  file("tensors.f32", Buffer.concat(pieces.map(({ buffer }) => Buffer.from(buffer))));
  file("case.json", JSON.stringify({ ...options, inputs, tensors, ...plainNodes(graph, kind === "inference" || kind === "operator") }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
