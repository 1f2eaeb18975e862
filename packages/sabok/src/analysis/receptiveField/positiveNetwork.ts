// The same wiring with positive numbers only: then no two paths cancel, and a gradient is zero only where no path leads.
import { sizeOf, type Shape, type Tensor } from "../../core/index.ts";
import {
  GraphBuilder,
  attributesOf,
  isState,
  makeGraph,
  makeValue,
  rewriteGraph,
  shapeOf,
  type Graph,
  type Value,
} from "../../graph/index.ts";
import { add, affine, conv2d, maxPool2d, opTable } from "../../ops/index.ts";

export interface PositiveNetwork {
  /** Output "map": the value that was asked for. */
  readonly graph: Graph;
  readonly weights: Map<string, Tensor>;
  /** A positive image, small enough that no activation saturates. */
  readonly image: Tensor;
}

/**
 * The part of its graph that makes `value` (output "map") from `image`, with nothing in it that makes positive numbers
 * negative. Maximum pooling, which passes a gradient to one pixel only, becomes a mean over the same window. The factors
 * that `isGate` names are left out.
 */
export function positiveGraph(image: Value, value: Value, isGate: (factor: Value) => boolean): Graph {
  const g = new GraphBuilder();
  const part = makeGraph({ inputs: { [image.name]: image }, outputs: { map: value } });
  return rewriteGraph(part, opTable, ({ value: old, inputs }) => {
    const [x] = inputs;
    if (old.op === "mul") {
      const gate = old.inputs.findIndex(isGate);
      if (gate >= 0) return inputs[1 - gate]!;
    }
    if (old.op === "maxPool2d") return meanPool(g, old, x!);
    if (old.op === "sub") return g.at(old.name, () => g.apply(add, [x!, inputs[1]!]));
    if (old.op === "affine" && (old.attrs["scale"] as number) < 0)
      return g.at(old.name, () =>
        g.apply(affine, [x!], { scale: -(old.attrs["scale"] as number), offset: 0 }),
      );
    if (old.op === "constant")
      return makeValue({ ...old, attrs: { tensor: positiveConstant(old.attrs["tensor"] as Tensor) } });
    return null;
  });
}

/** That graph with each convolution a mean over its window and channels, and each batch norm the identity. */
export function positiveNetwork(image: Value, value: Value): PositiveNetwork {
  const graph = positiveGraph(image, value, () => false);
  const weights = new Map<string, Tensor>();
  for (const user of graph.values)
    user.inputs.forEach((state, operand) => {
      if (isState(state) && !weights.has(state.name))
        weights.set(state.name, filled(shapeOf(state), amountOf(user, operand)));
    });
  // The images differ from pixel to pixel so that nothing is constant by accident; the numbers do not matter.
  const shape = shapeOf(graph.inputs[image.name]!);
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => 1e-9 * (0.75 + 0.5 * ((i * 0.618034) % 1)),
  );
  return { graph, weights, image: { shape, data } };
}

function amountOf(user: Value, operand: number): number {
  const shape = shapeOf(user.inputs[operand]!);
  if (user.op === "batchNorm") return [1, 1, 0, 0, 1][operand]!;
  if (user.op === "biasAdd" || (operand === 2 && user.op.startsWith("fused"))) return 0;
  if (shape.length < 2) return 1;
  return 1 / sizeOf(shape.slice(1));
}

function filled(shape: Shape, amount: number): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(amount) };
}

function positiveConstant({ shape, data }: Tensor): Tensor {
  return { shape, data: Float32Array.from(data, (x) => Math.abs(x) || 1) };
}

function meanPool(g: GraphBuilder, pool: Value, x: Value): Value {
  const { kernel, stride, dilation, padding } = attributesOf(pool, maxPool2d);
  const [, channels, ...input] = shapeOf(x) as [number, number, number, number];
  // Rounding the size up lets a last window begin before the end of the padding; a convolution needs that padding in full.
  const after = ([0, 1] as const).map((k) => {
    const needed = (shapeOf(pool)[k + 2]! - 1) * stride[k] + dilation[k] * (kernel[k] - 1) + 1;
    return Math.max(0, needed - input[k]! - padding[k]);
  });
  return g.at(pool.name, () => {
    const weight = g.constant(filled([channels, 1, ...kernel], 1 / (kernel[0] * kernel[1])));
    return g.apply(conv2d, [x, weight], {
      stride,
      dilation,
      groups: channels,
      padding: [padding[0], padding[1], after[0]!, after[1]!],
    });
  });
}
