// TFLite's operators that take parts of a value, put values together and move numbers without changing them, in sabok's.
import { normalizeAxis, type Shape } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import { broadcastTo, concat, gather, reshape, slice, transpose } from "../ops/index.ts";
import { asKnown, asMap, asPlain, inMapOrder, mapAxis, type ChannelsLastTensor } from "./channelsLast.ts";
import { expanded, joined, padded, picked, reshaped, squeezed, transposed } from "./channelsLastRules.ts";
import type { TfliteNode } from "./tfliteNode.ts";
import type { TfliteRule } from "./tfliteSpatial.ts";

export const tfliteParts: Readonly<Record<string, TfliteRule>> = {
  RESHAPE: (node) => reshaped(node, node.has(1) ? node.numbers(1) : node.ints(0)),
  SQUEEZE(node) {
    const axes = node.ints(0);
    return squeezed(node, axes.length > 0 ? axes : undefined);
  },
  EXPAND_DIMS: (node) => expanded(node, node.number(1)),
  TRANSPOSE: (node) => transposed(node, node.numbers(1)),
  SHAPE: (node) => asKnown([node.shape(0).length], node.shape(0)),
  RANK: (node) => asKnown([], [node.shape(0).length]),

  CONCATENATION(node) {
    if (node.byte(1) !== 0) node.refuse(`it is fused with activation ${node.byte(1)}`);
    return joined(node, [...node.operands.keys()], node.int(0));
  },
  PACK(node) {
    const shape = node.shape(0);
    const axis = normalizeAxis(node.int(1), shape.length + 1, node.where);
    const whole = [...shape];
    whole.splice(axis, 0, 1);
    const parts = node.operands.map((_, i) => node.apply(reshape, [node.plain(i)], { shape: whole }));
    return asPlain(node.apply(concat, parts, { axis }));
  },
  UNPACK(node) {
    const shape = node.shape(0);
    const axis = normalizeAxis(node.int(1), shape.length, node.where);
    const rest = shape.filter((_, i) => i !== axis);
    if (shape[axis] !== node.results.length)
      node.refuse(`it takes axis ${axis} of [${shape}] apart into ${node.results.length}`);
    return node.results.map((_, i) => {
      const part = along(node, axis, i, 1);
      const value = part.kind === "map" ? node.inFileOrder(part.value, "map") : valueOf(node, part);
      return asPlain(node.apply(reshape, [value], { shape: rest }));
    });
  },
  SPLIT(node) {
    const parts = node.results.length;
    const shape = node.shape(1);
    const axis = normalizeAxis(node.number(0), shape.length, node.where);
    if (parts === 0 || shape[axis]! % parts !== 0)
      node.refuse(`it splits axis ${axis} of [${shape}] into ${parts} equal parts`);
    const size = shape[axis]! / parts;
    return node.results.map((_, i) => along(node, axis, i * size, size, 1));
  },
  SPLIT_V(node) {
    const shape = node.shape(0);
    const axis = normalizeAxis(node.number(2), shape.length, node.where);
    const given = node.numbers(1);
    const rest = shape[axis]! - given.reduce((sum, size) => sum + Math.max(size, 0), 0);
    const sizes = given.map((size) => (size === -1 ? rest : size));
    if (sizes.length !== node.results.length || sizes.reduce((a, b) => a + b, 0) !== shape[axis])
      node.refuse(`it splits axis ${axis} of [${shape}] into [${given}]`);
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return along(node, axis, start - size, size);
    });
  },
  SLICE(node) {
    const shape = node.shape(0);
    const [starts, given] = [node.numbers(1), node.numbers(2)];
    return part(
      node,
      starts,
      given.map((size, axis) => (size === -1 ? shape[axis]! - starts[axis]! : size)),
      shape.map(() => 1),
    );
  },
  STRIDED_SLICE: strided,
  GATHER(node) {
    if (node.int(1) !== 0) node.refuse("it gathers within each of a batch, which sabok does not import");
    return asPlain(node.apply(gather, [node.plain(0), node.plain(1)], { axis: node.int(0) }));
  },

  PAD: (node) => expectPads(node) && padded(node, node.numbers(1), 0),
  PADV2: (node) => expectPads(node) && padded(node, node.numbers(1), node.number(2)),
  MIRROR_PAD(node) {
    expectPads(node);
    const pairs = node.numbers(1);
    const skip = node.byte(0) === 0 ? 1 : 0; // REFLECT leaves the border itself out, SYMMETRIC repeats it
    const isMap = node.isMap(0);
    let y = isMap ? node.map(0) : node.plain(0);
    for (const [axis, length] of node.shape(0).entries()) {
      const [before, after] = [pairs[2 * axis]!, pairs[2 * axis + 1]!];
      if (Math.max(before, after) > length - skip)
        node.refuse(`it mirrors ${Math.max(before, after)} of ${length} along axis ${axis}`);
      const indices = Array.from({ length: before + length + after }, (_, i) => {
        const from = i - before;
        if (from < 0) return -from - 1 + skip;
        return from < length ? from : 2 * length - 1 - skip - from;
      });
      y = picked(node, y, isMap ? mapAxis(axis) : axis, indices);
    }
    return isMap ? asMap(y) : asPlain(y);
  },
  TILE(node) {
    const repeats = node.numbers(1);
    if (repeats.length !== node.shape(0).length || repeats.some((times) => !(times >= 1)))
      node.refuse(`its repeats of [${node.shape(0)}] are [${repeats}]`);
    node.expectFeasible(Math.max(1, ...repeats));
    let y = node.plain(0);
    for (const [axis, times] of repeats.entries())
      if (times > 1)
        y = node.apply(
          concat,
          Array.from({ length: times }, () => y),
          { axis },
        );
    return asPlain(y);
  },
  BROADCAST_TO: (node) => asPlain(node.apply(broadcastTo, [node.plain(0)], { shape: node.numbers(1) })),

  /** The channels of a map are blocks of pixels, row by row, and in them the new channels. */
  DEPTH_TO_SPACE(node) {
    const x = node.map(0);
    const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const block = blockOf(node);
    const depth = channels / block ** 2;
    const parts = node.apply(reshape, [x], { shape: [-1, block, block, depth, height, width] });
    const moved = node.apply(transpose, [parts], { permutation: [0, 3, 4, 1, 5, 2] });
    return asMap(node.apply(reshape, [moved], { shape: [-1, depth, height * block, width * block] }));
  },
  SPACE_TO_DEPTH(node) {
    const x = node.map(0);
    const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const block = blockOf(node);
    const [rows, columns] = [height / block, width / block];
    const parts = node.apply(reshape, [x], { shape: [-1, channels, rows, block, columns, block] });
    const moved = node.apply(transpose, [parts], { permutation: [0, 3, 5, 1, 2, 4] });
    return asMap(node.apply(reshape, [moved], { shape: [-1, channels * block ** 2, rows, columns] }));
  },
};

function blockOf(node: TfliteNode): number {
  const block = node.int(0);
  return block >= 1 ? block : node.refuse(`its blocks are of ${block} pixels`);
}

function expectPads(node: TfliteNode): true {
  const pads = node.numbers(1);
  if (pads.length !== 2 * node.shape(0).length || pads.some((n) => !(n >= 0)))
    node.refuse(`its pads of [${node.shape(0)}] are [${pads}]`);
  node.expectFeasible(Math.max(...pads, 0));
  return true;
}

function valueOf(node: TfliteNode, tensor: ChannelsLastTensor): Value {
  return tensor.kind === "known" ? node.refuse("it takes known numbers apart") : tensor.value;
}

/** `size` elements from `start` on along one axis of the file's order. */
function along(
  node: TfliteNode,
  axis: number,
  start: number,
  size: number,
  position = 0,
): ChannelsLastTensor {
  const shape = node.shape(position);
  return part(
    node,
    shape.map((_, i) => (i === axis ? start : 0)),
    shape.map((length, i) => (i === axis ? size : length)),
    shape.map(() => 1),
    position,
  );
}

/** A regular part of an operand, given in the file's order. */
function part(
  node: TfliteNode,
  starts: readonly number[],
  sizes: Shape,
  steps: readonly number[],
  position = 0,
): ChannelsLastTensor {
  const shape = node.shape(position);
  if ([starts, sizes].some((list) => list.length !== shape.length))
    node.refuse(`it takes [${sizes}] from [${starts}] of [${shape}]`);
  if (sizes.some((size) => !(size >= 1))) node.refuse(`it takes [${sizes}] of [${shape}], which is nothing`);
  // −1 takes a whole axis, whatever its length becomes.
  const open = sizes.map((size, axis) => (size === shape[axis] ? -1 : size));
  if (!node.isMap(position))
    return asPlain(node.apply(slice, [node.plain(position)], { starts, sizes: open, steps }));
  const attrs = { starts: inMapOrder(starts), sizes: inMapOrder(open), steps: inMapOrder(steps) };
  return asMap(node.apply(slice, [node.map(position)], attrs));
}

function strided(node: TfliteNode): ChannelsLastTensor {
  const shape = node.shape(0);
  const [begin, end, stride] = [node.numbers(1), node.numbers(2), node.numbers(3)];
  if ([2, 3].some((field) => node.int(field) !== 0) || node.flag(5))
    node.refuse("it has an ellipsis, a new axis or relative ends, which sabok does not import");
  if ([end, stride].some((list) => list.length !== begin.length) || begin.length > shape.length)
    node.refuse(`it takes [${begin}] to [${end}] by [${stride}] of [${shape}]`);
  const [starts, sizes, steps] = [shape.map(() => 0), [...shape], shape.map(() => 1)];
  const dropped: number[] = [];
  for (const axis of begin.keys()) {
    const [length, step] = [shape[axis]!, stride[axis]!];
    const isSet = (mask: number): boolean => ((node.int(mask) >> axis) & 1) === 1;
    if (step < 1) node.refuse(`its step along axis ${axis} is ${step}; sabok imports forward ones`);
    const within = (index: number): number =>
      Math.min(Math.max(index < 0 ? index + length : index, 0), length);
    const from = isSet(0) ? 0 : within(begin[axis]!);
    const to = isSet(4) ? from + 1 : isSet(1) ? length : within(end[axis]!);
    if (isSet(4)) dropped.push(axis);
    [starts[axis], sizes[axis], steps[axis]] = [from, Math.ceil((to - from) / step), step];
  }
  const y = part(node, starts, sizes, steps);
  if (dropped.length === 0 || y.kind === "known") return y;
  const rest = sizes.filter((_, axis) => !dropped.includes(axis));
  return asPlain(node.apply(reshape, [node.inFileOrder(y.value, y.kind)], { shape: rest }));
}
