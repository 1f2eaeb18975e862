// Graphs of one convolution, many times over: `copies` of it beside each other, one number of each result summed, so that
// the difference of two counts is the operator's own time: feeding and reading fall out, and results stay unread.
import { readModelJson } from "sabok/onnx";
import { noise } from "./caseFolder.mjs";

/**
 * @typedef {{ what: "forward" | "inputGradient" | "weightGradient", batch?: number, channels: number, out: number,
 *   side: number, kernel?: number, stride?: number, depthwise?: boolean }} Operator
 */

/** Everything that follows from an operator's description. */
export function geometryOf({ batch = 1, channels, out, side, kernel = 1, stride = 1, depthwise = false }) {
  const pad = (kernel - 1) / 2;
  const small = Math.floor((side + 2 * pad - kernel) / stride) + 1;
  const x = [batch, channels, side, side];
  const y = [batch, out, small, small];
  const w = [out, depthwise ? 1 : channels, kernel, kernel];
  const macs = y.reduce((a, b) => a * b, 1) * w.slice(1).reduce((a, b) => a * b, 1);
  const attrs = { stride: [stride, stride], dilation: [1, 1], padding: [pad, pad, pad, pad], groups: depthwise ? channels : 1 };
  return { x, y, w, macs, attrs };
}

/** @param {Operator} operator @param {number} copies */
export function operatorGraph(operator, copies) {
  const { x, y, w, attrs } = geometryOf(operator);
  const values = [];
  const weights = new Map();
  const push = (value) => values.push(value) - 1;
  const state = (name, shape) => {
    weights.set(name, { shape, data: noise(shape.reduce((a, b) => a * b, 1), weights.size + 1) });
    return push({ op: "parameter", name, shape, attrs: { init: { kind: "constant", value: 0 } } });
  };
  const forms = {
    // A given x is an input: a runtime would fold the whole graph otherwise.
    forward: () => {
      const input = push({ op: "input", name: "x", shape: x });
      return (i) => push({ op: "conv2d", name: `y${i}`, shape: y, inputs: [input, state(`w${i}`, w)], attrs });
    },
    inputGradient: () => {
      const dy = state("dy", y);
      return (i) =>
        push({ op: "conv2dInputGradient", name: `dx${i}`, shape: x, inputs: [dy, state(`w${i}`, w)], attrs: { ...attrs, size: x.slice(2) } });
    },
    weightGradient: () => {
      const at = state("x", x);
      return (i) =>
        push({ op: "conv2dWeightGradient", name: `dw${i}`, shape: w, inputs: [at, state(`dy${i}`, y)], attrs: { ...attrs, kernel: w.slice(2) } });
    },
  };
  const once = forms[operator.what]();
  let sum;
  for (let i = 0; i < copies; i++) {
    const one = push({
      op: "slice",
      name: `one${i}`,
      shape: [1, 1, 1, 1],
      inputs: [once(i)],
      attrs: { starts: [0, 0, 0, 0], sizes: [1, 1, 1, 1], steps: [1, 1, 1, 1] },
    });
    sum = sum === undefined ? one : push({ op: "add", name: `sum${i}`, shape: [1, 1, 1, 1], inputs: [sum, one], attrs: {} });
  }
  const inputs = Object.fromEntries(values.flatMap(({ op, name }, i) => (op === "input" ? [[name, i]] : [])));
  const head = { format: "sabok graph", version: 1, metadata: {}, inputs, outputs: { y: sum }, updates: [] };
  return { graph: readModelJson(JSON.stringify({ ...head, values })).graph, weights };
}
