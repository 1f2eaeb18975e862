// What one operator of sabok and several of ONNX say becomes several values, named as the one was.
import { GraphBuilder, attributesOf, rewriteGraph, shapeOf, type Graph, type Value } from "../graph/index.ts";
import {
  affine,
  applyActivation,
  batchNorm,
  flatten,
  matmul,
  maxPool2d,
  mean,
  mul,
  opTable,
  pad,
  power,
  reshape,
  sigmoid,
  sub,
  sum,
  sumTo,
  transpose,
  type OpName,
} from "../ops/index.ts";

/** The value's place taken by others over the same operands; null where ONNX has the operator as it is. */
type Lowering = (g: GraphBuilder, value: Value, inputs: readonly Value[]) => Value | null;

const expand: Lowering = (g, value, inputs) => opTable[value.op]!.expand!(g, { inputs, attrs: value.attrs });

/** The axes but the channels'. */
const otherAxes = (x: Value): number[] => [...shapeOf(x).keys()].filter((axis) => axis !== 1);

const lowerings: Partial<Record<OpName, Lowering>> = {
  fusedConv2d: expand,
  fusedLinear: expand,
  crossEntropy: expand,
  batchNorm(g, value, inputs) {
    const { activation, slope, ...attrs } = attributesOf(value, batchNorm);
    if (activation === "none") return null;
    const operands = inputs as readonly [Value, Value, Value, Value, Value];
    return applyActivation(g, g.apply(batchNorm, operands, attrs), { activation, slope });
  },
  silu: (g, _, [x]) => g.apply(mul, [x!, g.apply(sigmoid, [x!])]),
  linear(g, value, [x, w]) {
    if (shapeOf(x!).length === 2) return null;
    const rows = shapeOf(x!).length > 2 ? x! : g.apply(reshape, [x!], { shape: [1, -1] });
    const y = g.apply(matmul, [rows, w!], { transposeB: true });
    return rows === x ? y : g.apply(reshape, [y], { shape: shapeOf(value) });
  },
  matmul(g, value, [a, b]) {
    const { transposeA, transposeB } = attributesOf(value, matmul);
    if (!transposeA && !transposeB) return null;
    return g.apply(matmul, [transposeA ? swapped(g, a!) : a!, transposeB ? swapped(g, b!) : b!]);
  },
  channelSum: (g, _, [x]) => g.apply(sum, [x!], { axes: otherAxes(x!) }),
  batchMean: (g, _, [x]) => g.apply(mean, [x!], { axes: otherAxes(x!) }),
  batchVariance(g, _, [x]) {
    const centred = g.apply(sub, [x!, g.apply(mean, [x!], { axes: otherAxes(x!), keepDims: true })]);
    return g.apply(mean, [g.apply(power, [centred], { exponent: 2 })], { axes: otherAxes(x!) });
  },
  sumTo(g, value, [x]) {
    const { shape } = attributesOf(value, sumTo);
    const from = shapeOf(x!);
    const added = from.length - shape.length;
    const axes = [...from.keys()].filter((axis) => axis < added || shape[axis - added] !== from[axis]);
    const kept = axes.length === 0 ? x! : g.apply(sum, [x!], { axes, keepDims: true });
    return added === 0 ? kept : g.apply(reshape, [kept], { shape });
  },
  flatten(g, value, [x]) {
    // ONNX's Flatten makes two axes of any value.
    const { startAxis } = attributesOf(value, flatten);
    const start = startAxis < 0 ? startAxis + shapeOf(x!).length : startAxis;
    return start === 1 ? null : g.apply(reshape, [x!], { shape: [...shapeOf(x!).slice(0, start), -1] });
  },
  maxPool2d(g, value, [x]) {
    // ONNX Runtime takes no padding as large as the kernel, which a dilated window may have: pad first.
    const { kernel, stride, dilation, padding } = attributesOf(value, maxPool2d);
    if (padding.every((pixels, side) => pixels < kernel[side % 2]!)) return null;
    const [from, to] = [shapeOf(x!), shapeOf(value)];
    const ends = [0, 1].map((axis) => {
      const covered = (to[axis + 2]! - 1) * stride[axis]! + dilation[axis]! * (kernel[axis]! - 1) + 1;
      return Math.max(covered - from[axis + 2]! - padding[axis]!, 0);
    });
    const padded = g.apply(pad, [x!], {
      before: [0, 0, padding[0], padding[1]],
      after: [0, 0, ...ends],
      value: -Infinity,
    });
    return g.apply(maxPool2d, [padded], { kernel, stride, dilation });
  },
  // ONNX Runtime pads no scalars.
  pad: (_, __, [x]) => (shapeOf(x!).length === 0 ? x! : null),
  affine(_, value, [x]) {
    const { scale, offset } = attributesOf(value, affine);
    return scale === 1 && offset === 0 ? x! : null;
  },
};

/** The graph with every value taken apart that ONNX cannot say as one; the rest is shared with the old graph. */
export function lowerForOnnx(graph: Graph): Graph {
  const g = new GraphBuilder();
  for (;;) {
    let changed = false;
    const next = rewriteGraph(graph, opTable, ({ value, inputs }) => {
      const lowering = Object.hasOwn(lowerings, value.op) ? lowerings[value.op as OpName] : undefined;
      const lowered = lowering ? g.at(value.name, () => lowering(g, value, inputs)) : null;
      changed ||= lowered !== null;
      return lowered;
    });
    if (!changed) return graph;
    graph = next; // what came of it may have to be taken apart again
  }
}

function swapped(g: GraphBuilder, x: Value): Value {
  const axes = [...shapeOf(x).keys()];
  return g.apply(transpose, [x], { permutation: [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!] });
}
