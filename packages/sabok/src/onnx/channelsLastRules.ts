// What the import rules of TensorFlow's two formats share: operators that keep maps as maps where they can.
import { normalizeAxis, sizeOf, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec, type Padding, type Pair, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  argMax,
  concat,
  div,
  exp,
  exponentiate,
  gather,
  maximum,
  minimum,
  mul,
  pad,
  power,
  relu,
  reshape,
  resize,
  sub,
  transpose,
} from "../ops/index.ts";
import {
  asMap,
  asPlain,
  inMapOrder,
  mapAxis,
  type ChannelsLastNode,
  type ChannelsLastTensor,
} from "./channelsLast.ts";

/** The same function of a map and of any other value. */
export function sameForm(
  node: ChannelsLastNode,
  position: number,
  build: (x: Value) => Value,
): ChannelsLastTensor {
  return node.isMap(position) ? asMap(build(node.map(position))) : asPlain(build(node.plain(position)));
}

const paired = { add, sub, mul, div, maximum, minimum };

/** An elementwise operator of two operands; one affine where the second is one known number. */
export function pairwise(node: ChannelsLastNode, name: keyof typeof paired): ChannelsLastTensor {
  const second = node.operand(1);
  const number =
    second.kind === "known" && sizeOf(second.tensor.shape) === 1 ? second.tensor.data[0]! : undefined;
  const keepsRank = second.kind === "known" && second.tensor.shape.length <= node.shape(0).length;
  const attrs =
    number === undefined || !keepsRank
      ? undefined
      : {
          add: { offset: number },
          sub: { offset: -number },
          mul: { scale: number },
          div: { scale: 1 / number },
          maximum: undefined,
          minimum: undefined,
        }[name];
  if (attrs && Object.values(attrs).every(Number.isFinite))
    return sameForm(node, 0, (x) => node.apply(affine, [x], attrs));
  const spec: OpSpec<string, object, 2> = paired[name];
  return node.isMap(0) || node.isMap(1)
    ? asMap(node.apply(spec, [node.overMap(0), node.overMap(1)]))
    : asPlain(node.apply(spec, [node.plain(0), node.plain(1)]));
}

/** (a − b)² */
export function squaredDifference(node: ChannelsLastNode): ChannelsLastTensor {
  const y = pairwise(node, "sub");
  return y.kind === "known" ? y : { kind: y.kind, value: node.apply(power, [y.value], { exponent: 2 }) };
}

/** The power of operand 0 whose exponent is operand 1. */
export function raised(node: ChannelsLastNode): ChannelsLastTensor {
  const exponent = node.operand(1);
  if (exponent.kind === "known" && exponent.tensor.data.length === 1)
    return sameForm(node, 0, (x) => node.apply(power, [x], { exponent: exponent.tensor.data[0]! }));
  return asPlain(node.apply(exponentiate, [node.plain(0), node.plain(1)]));
}

/** max(x, 0) + exp(min(x, 0)) − 1 */
export function elu(node: ChannelsLastNode): ChannelsLastTensor {
  return sameForm(node, 0, (x) => {
    const positive = node.apply(relu, [x]);
    const curve = node.apply(exp, [node.apply(sub, [x, positive])]);
    return node.apply(affine, [node.apply(add, [positive, curve])], { offset: -1 });
  });
}

/** max(x, 0) + slope·min(x, 0), with the slopes as operand 1. */
export function prelu(node: ChannelsLastNode): ChannelsLastTensor {
  const isMap = node.isMap(0);
  const [x, slope] = isMap ? [node.map(0), node.overMap(1)] : [node.plain(0), node.plain(1)];
  const positive = node.apply(relu, [x]);
  const below = node.apply(mul, [node.apply(sub, [x, positive]), slope]);
  const y = node.apply(add, [positive, below]);
  return isMap ? asMap(y) : asPlain(y);
}

/** The sum of all operands. */
export function total(node: ChannelsLastNode): ChannelsLastTensor {
  const isMap = node.operands.some((_, i) => node.isMap(i));
  const values = node.operands.map((_, i) => (isMap ? node.map(i) : node.plain(i)));
  const sum = values.reduce((a, b) => node.apply(add, [a, b]));
  return isMap ? asMap(sum) : asPlain(sum);
}

/** Some operands joined along an axis. */
export function joined(
  node: ChannelsLastNode,
  positions: readonly number[],
  along: number,
): ChannelsLastTensor {
  const axis = normalizeAxis(along, node.shape(positions[0] ?? 0).length, node.where);
  if (!positions.some((i) => node.isMap(i)))
    return asPlain(
      node.apply(
        concat,
        positions.map((i) => node.plain(i)),
        { axis },
      ),
    );
  const parts = positions.map((i) => node.map(i));
  return asMap(node.apply(concat, parts, { axis: mapAxis(axis) }));
}

type Reduction = OpSpec<
  "mean" | "sum" | "reduceMax" | "product",
  { readonly axes: readonly number[]; readonly keepDims: boolean },
  1
>;

/** A reduction over axes of the file's order. */
export function reduced(
  node: ChannelsLastNode,
  spec: Reduction,
  along: readonly number[],
  keepDims: boolean,
  around = (x: Value): Value => x,
): ChannelsLastTensor {
  const rank = node.shape(0).length;
  const axes = along.map((axis) => normalizeAxis(axis, rank, node.where));
  const isSpatial = node.isMap(0) && axes.every((axis) => axis === 1 || axis === 2);
  if (!isSpatial && !(node.isMap(0) && keepDims))
    return asPlain(around(node.apply(spec, [around(node.plain(0))], { axes, keepDims })));
  const y = around(node.apply(spec, [around(node.map(0))], { axes: axes.map(mapAxis), keepDims }));
  return keepDims ? asMap(y) : asPlain(y);
}

/** Where the largest number of sign·x stands along an axis; along the channels of a map the result is no map. */
export function extreme(node: ChannelsLastNode, sign: 1 | -1): ChannelsLastTensor {
  const axis = node.number(1);
  const overChannels = node.isMap(0) && (axis === 3 || axis === -1);
  const x = overChannels ? node.map(0) : node.plain(0);
  const signed = sign === 1 ? x : node.apply(affine, [x], { scale: -1 });
  return asPlain(node.apply(argMax, [signed], { axis: overChannels ? 1 : axis, keepDims: false }));
}

/** Padding by pairs [before, after], one an axis of the file's order. */
export function padded(node: ChannelsLastNode, pairs: readonly number[], value: number): ChannelsLastTensor {
  const [before, after] = [0, 1].map((side) => pairs.filter((_, i) => i % 2 === side)) as [
    number[],
    number[],
  ];
  if (!node.isMap(0)) return asPlain(node.apply(pad, [node.plain(0)], { before, after, value }));
  const attrs = { before: inMapOrder(before), after: inMapOrder(after), value };
  return asMap(node.apply(pad, [node.map(0)], attrs));
}

/** Another shape of the same numbers in the file's order. */
export function reshaped(node: ChannelsLastNode, shape: Shape): ChannelsLastTensor {
  const from = node.shape(0);
  const rest = shape.slice(1);
  // What keeps the batch holds for any batch.
  const keepsBatch = shape[0] === from[0] && !rest.includes(-1) && rest.length > 0;
  return asPlain(node.apply(reshape, [node.plain(0)], { shape: keepsBatch ? [-1, ...rest] : shape }));
}

/** Without the given axes of length 1, or without all such. */
export function squeezed(node: ChannelsLastNode, axes: readonly number[] | undefined): ChannelsLastTensor {
  const shape = node.shape(0);
  const given = axes?.map((axis) => normalizeAxis(axis, shape.length, node.where));
  return reshaped(
    node,
    shape.filter((length, axis) => (given ? !given.includes(axis) : length !== 1)),
  );
}

/** With an axis of length 1 put in. */
export function expanded(node: ChannelsLastNode, axis: number): ChannelsLastTensor {
  const shape = [...node.shape(0)];
  shape.splice(normalizeAxis(axis, shape.length + 1, node.where), 0, 1);
  return reshaped(node, shape);
}

export function transposed(node: ChannelsLastNode, permutation: readonly number[]): ChannelsLastTensor {
  return asPlain(node.apply(transpose, [node.plain(0)], { permutation }));
}

/** A map in another size. */
export function resized(
  node: ChannelsLastNode,
  mode: "nearest" | "bilinear",
  { alignCorners, halfPixel }: { readonly alignCorners: boolean; readonly halfPixel: boolean },
): ChannelsLastTensor {
  const [height, width, ...more] = node.numbers(1);
  if (height === undefined || width === undefined || more.length > 0)
    return node.refuse(`its size is [${node.numbers(1)}], expected [height, width]`);
  if (mode === "nearest" && alignCorners) {
    node.expectFeasible(height + width);
    let y = node.map(0);
    for (const [i, length] of [height, width].entries()) {
      const step = length > 1 ? (shapeOf(y)[i + 2]! - 1) / (length - 1) : 0;
      y = picked(
        node,
        y,
        i + 2,
        Array.from({ length }, (_, p) => Math.round(p * step)),
      );
    }
    return asMap(y);
  }
  const coordinates = alignCorners ? "alignCorners" : halfPixel ? "halfPixel" : "asymmetric";
  return asMap(node.apply(resize, [node.map(0)], { size: [height, width], mode, coordinates }));
}

/** The elements of x at the given indices of one axis. */
export function picked(node: ChannelsLastNode, x: Value, axis: number, indices: readonly number[]): Value {
  if (indices.length === shapeOf(x)[axis] && indices.every((index, i) => index === i)) return x;
  return node.apply(gather, [x, node.constant(indices)], { axis });
}

/** The padding with which windows cover a map of `size`: ⌈length/stride⌉ windows, the odd pixel at the end. */
export function samePadding(
  size: readonly number[],
  kernel: Pair,
  { stride, dilation }: { readonly stride: Pair; readonly dilation: Pair },
): Padding {
  const totals = [0, 1].map((axis) => {
    const extent = dilation[axis]! * (kernel[axis]! - 1) + 1;
    return Math.max((Math.ceil(size[axis]! / stride[axis]!) - 1) * stride[axis]! + extent - size[axis]!, 0);
  }) as [number, number];
  const [top, left] = totals.map((pixels) => Math.floor(pixels / 2)) as [number, number];
  return [top, left, totals[0] - top, totals[1] - left];
}

/** [H, W] of a map. */
export function mapSize(node: ChannelsLastNode, position: number): Pair {
  const [, height, width] = node.shape(position);
  return [height!, width!];
}
