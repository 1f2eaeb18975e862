// Parts of values, values put together and numbers moved without being changed, for TensorFlow's two formats.
import { normalizeAxis, type Shape } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import { concat, reshape, slice, transpose } from "../ops/index.ts";
import {
  asMap,
  asPlain,
  inMapOrder,
  mapAxis,
  type ChannelsLastNode,
  type ChannelsLastValue,
} from "./channelsLast.ts";
import { picked } from "./channelsLastRules.ts";

/** All operands, of one shape, next to each other along a new axis. */
export function packed(node: ChannelsLastNode, along: number): ChannelsLastValue {
  const shape = node.shape(0);
  const axis = normalizeAxis(along, shape.length + 1, node.where);
  const whole = [...shape];
  whole.splice(axis, 0, 1);
  const parts = node.operands.map((_, i) => node.apply(reshape, [node.plain(i)], { shape: whole }));
  return asPlain(node.apply(concat, parts, { axis }));
}

/** Operand 0 taken apart along an axis, which falls away. */
export function unpacked(node: ChannelsLastNode, along: number, count: number): ChannelsLastValue[] {
  const shape = node.shape(0);
  const axis = normalizeAxis(along, shape.length, node.where);
  const rest = shape.filter((_, i) => i !== axis);
  if (shape[axis] !== count) node.refuse(`it takes axis ${axis} of [${shape}] apart into ${count}`);
  return Array.from({ length: count }, (_, i) => {
    const value = inFileOrder(node, piece(node, axis, i, 1));
    return asPlain(node.apply(reshape, [value], { shape: rest }));
  });
}

/** An operand in equal parts along an axis. */
export function split(
  node: ChannelsLastNode,
  position: number,
  along: number,
  parts: number,
): ChannelsLastValue[] {
  const shape = node.shape(position);
  const axis = normalizeAxis(along, shape.length, node.where);
  if (!(parts >= 1 && shape[axis]! % parts === 0))
    node.refuse(`it splits axis ${axis} of [${shape}] into ${parts} equal parts`);
  const size = shape[axis]! / parts;
  return Array.from({ length: parts }, (_, i) => piece(node, axis, i * size, size, position));
}

/** Operand 0 in parts of the given sizes along an axis; one of them may be −1, the rest. */
export function splitBy(
  node: ChannelsLastNode,
  given: readonly number[],
  along: number,
  count: number,
): ChannelsLastValue[] {
  const shape = node.shape(0);
  const axis = normalizeAxis(along, shape.length, node.where);
  const rest = shape[axis]! - given.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const sizes = given.map((size) => (size === -1 ? rest : size));
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== shape[axis])
    node.refuse(`it splits axis ${axis} of [${shape}] into [${given}]`);
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return piece(node, axis, start - size, size);
  });
}

/** `sizes` elements of operand 0 from `starts` on; −1 takes all to the end. */
export function sliced(
  node: ChannelsLastNode,
  starts: readonly number[],
  sizes: readonly number[],
): ChannelsLastValue {
  const shape = node.shape(0);
  const whole = sizes.map((size, axis) => (size === -1 ? shape[axis]! - starts[axis]! : size));
  return part(
    node,
    starts,
    whole,
    shape.map(() => 1),
  );
}

/** One bit an axis: whether begin or end is to be overlooked, or the axis is one index and falls away. */
export interface StrideMasks {
  readonly begin: number;
  readonly end: number;
  readonly shrink: number;
}

/** Every so many elements of operand 0 from the first ends to the second; operands 1 to 3 are begin, end and stride. */
export function strided(node: ChannelsLastNode, masks: StrideMasks): ChannelsLastValue {
  const shape = node.shape(0);
  const [begin, end, stride] = [node.numbers(1), node.numbers(2), node.numbers(3)];
  if ([end, stride].some((list) => list.length !== begin.length) || begin.length > shape.length)
    node.refuse(`it takes [${begin}] to [${end}] by [${stride}] of [${shape}]`);
  const [starts, sizes, steps] = [shape.map(() => 0), [...shape], shape.map(() => 1)];
  const dropped: number[] = [];
  for (const axis of begin.keys()) {
    const [length, step] = [shape[axis]!, stride[axis]!];
    const isSet = (mask: number): boolean => ((mask >> axis) & 1) === 1;
    if (step < 1) node.refuse(`its step along axis ${axis} is ${step}; sabok imports forward ones`);
    const within = (index: number): number =>
      Math.min(Math.max(index < 0 ? index + length : index, 0), length);
    const from = isSet(masks.begin) ? 0 : within(begin[axis]!);
    const to = isSet(masks.shrink) ? from + 1 : isSet(masks.end) ? length : within(end[axis]!);
    if (isSet(masks.shrink)) dropped.push(axis);
    [starts[axis], sizes[axis], steps[axis]] = [from, Math.ceil((to - from) / step), step];
  }
  const y = part(node, starts, sizes, steps);
  if (dropped.length === 0) return y;
  const rest = sizes.filter((_, axis) => !dropped.includes(axis));
  return asPlain(node.apply(reshape, [inFileOrder(node, y)], { shape: rest }));
}

/** Operand 0 with a border that mirrors it; `skip` is 1 where the outermost element itself is not repeated, else 0. */
export function mirrored(node: ChannelsLastNode, skip: 0 | 1): ChannelsLastValue {
  expectPads(node);
  const pairs = node.numbers(1);
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
}

/** Operand 0 repeated along each axis as often as operand 1 says. */
export function tiled(node: ChannelsLastNode): ChannelsLastValue {
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
}

/** The channels of a map are blocks of pixels, row by row, and in them the new channels. */
export function depthToSpace(node: ChannelsLastNode, block: number): ChannelsLastValue {
  expectBlock(node, block);
  const x = node.map(0);
  const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
  const depth = channels / block ** 2;
  const parts = node.apply(reshape, [x], { shape: [-1, block, block, depth, height, width] });
  const moved = node.apply(transpose, [parts], { permutation: [0, 3, 4, 1, 5, 2] });
  return asMap(node.apply(reshape, [moved], { shape: [-1, depth, height * block, width * block] }));
}

/** Blocks of pixels become channels, the other way round. */
export function spaceToDepth(node: ChannelsLastNode, block: number): ChannelsLastValue {
  expectBlock(node, block);
  const x = node.map(0);
  const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
  const [rows, columns] = [height / block, width / block];
  const parts = node.apply(reshape, [x], { shape: [-1, channels, rows, block, columns, block] });
  const moved = node.apply(transpose, [parts], { permutation: [0, 3, 5, 1, 2, 4] });
  return asMap(node.apply(reshape, [moved], { shape: [-1, channels * block ** 2, rows, columns] }));
}

function expectBlock(node: ChannelsLastNode, block: number): void {
  if (!(block >= 1)) node.refuse(`its blocks are of ${block} pixels`);
}

/** Operand 1 must hold as many pads as a padding of operand 0 takes. */
export function expectPads(node: ChannelsLastNode): void {
  const pads = node.numbers(1);
  if (pads.length !== 2 * node.shape(0).length || pads.some((n) => !(n >= 0)))
    node.refuse(`its pads of [${node.shape(0)}] are [${pads}]`);
  node.expectFeasible(Math.max(...pads, 0));
}

/** `size` elements from `start` on along one axis of the file's order. */
function piece(
  node: ChannelsLastNode,
  axis: number,
  start: number,
  size: number,
  position = 0,
): ChannelsLastValue {
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
  node: ChannelsLastNode,
  starts: readonly number[],
  sizes: Shape,
  steps: readonly number[],
  position = 0,
): ChannelsLastValue {
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

function inFileOrder(node: ChannelsLastNode, { kind, value }: ChannelsLastValue): Value {
  return node.inFileOrder(value, kind);
}
