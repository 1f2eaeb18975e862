// Lowerings of sums and means. A sum over the rows of [groups][rows][channels] is split into parts, each summed on its
// own and finished in order; how many parts depends on the shape only, so the result does not depend on the threads.
import { sizeOf, type Shape } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { boxArgs, merge, broadcastStrides, memoryOrder, memoryStrides, type Axis } from "./box.ts";
import { f32, i32, nullPointer, ptr, type Lowering, type Storage } from "./lowering.ts";

/** Channels in one unit of the kernels that finish partial sums. */
const channelBlock = 64;

/** Channels rounded up to whole vectors, as partial sums are stored. */
export function paddedChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

export function channelBlocks(channels: number): number {
  return Math.ceil(channels / channelBlock);
}

/** How many of `rows` one part covers: at least 16,384 elements, and no more than 64 parts in all groups together. */
export function rowsPerPart(rows: number, channels: number, groups = 1): number {
  const parts = Math.max(1, Math.ceil(64 / groups));
  const least = Math.max(Math.ceil(rows / parts), Math.ceil(16384 / channels));
  return Math.min(rows, Math.ceil(least / 4) * 4);
}

/** to [groups][channels] = scale · Σ_rows from [groups][rows][channels]. */
function sumRows(
  lowering: Lowering,
  from: Storage,
  to: Storage,
  groups: number,
  rows: number,
  channels: number,
  scale: number,
): void {
  const part = rowsPerPart(rows, channels, groups);
  const parts = Math.ceil(rows / part);
  const width = paddedChannels(channels);
  const partials = lowering.temporary(8 * groups * parts * width);
  const geometry = [i32(rows), i32(channels), i32(part)];
  lowering.emit(
    "sumRowsPart",
    groups * parts,
    [ptr(from), nullPointer, ptr(partials), ...geometry],
    4 * width,
  );
  lowering.emit("sumRowsFinish", groups * channelBlocks(channels), [
    ptr(partials),
    ptr(to),
    i32(parts),
    i32(channels),
    f32(scale),
  ]);
}

/** Sums x to the result's elements; `strides` are the result's along x's logical axes, 0 along those that are summed over. */
function reduce(lowering: Lowering, node: Value, strides: readonly number[], scale: number): void {
  const x = node.inputs[0]!;
  const shape = shapeOf(x);
  const own = memoryStrides(shape);
  const axes = merge(
    memoryOrder(shape.length).map((axis) => ({ size: shape[axis]!, strides: [own[axis]!, strides[axis]!] })),
  );
  const [from, to] = [lowering.of(x), lowering.of(node)];
  const kept = axes.map((axis) => axis.strides[1] !== 0);
  const lengths = axes.map((axis) => axis.size);
  const inOrder = isContiguous(axes.filter((_, at) => kept[at]));
  const pattern = kept.map((is) => (is ? "K" : "R")).join("");
  if (pattern === "R") sumRows(lowering, from, to, 1, lengths[0]!, 1, scale);
  else if (pattern === "RK" && inOrder) sumRows(lowering, from, to, 1, lengths[0]!, lengths[1]!, scale);
  else if (pattern === "KRK" && inOrder)
    sumRows(lowering, from, to, lengths[0]!, lengths[1]!, lengths[2]!, scale);
  else if (pattern === "KR" && inOrder)
    lowering.emit("sumChannels", lengths[0]!, [ptr(from), ptr(to), i32(lengths[1]!), f32(scale)]);
  else sumStrided(lowering, from, to, axes, scale);
}

function sumStrided(
  lowering: Lowering,
  from: Storage,
  to: Storage,
  axes: readonly Axis[],
  scale: number,
): void {
  const kept = axes.filter((axis) => axis.strides[1] !== 0).sort((a, b) => b.strides[1]! - a.strides[1]!);
  const reduced = axes.filter((axis) => axis.strides[1] === 0);
  const elements = kept.reduce((product, axis) => product * axis.size, 1);
  lowering.emit("sumStrided", elements, [
    ptr(from),
    ptr(to),
    f32(scale),
    ...boxArgs(kept, 1),
    ...boxArgs(reduced, 1),
  ]);
}

/** Whether the result is written from its first element to its last while the kept axes are walked. */
function isContiguous(kept: readonly Axis[]): boolean {
  let stride = 1;
  for (const axis of [...kept].reverse()) {
    if (axis.strides[1] !== stride) return false;
    stride *= axis.size;
  }
  return true;
}

/** The strides along x's axes of a result that has x's axes but the reduced ones. */
function droppedStrides(x: Shape, result: Shape, reduced: ReadonlySet<number>): readonly number[] {
  const strides = memoryStrides(result);
  let next = 0;
  return x.map((_, axis) => (reduced.has(axis) ? 0 : strides[next++]!));
}

function reduceAxes(
  lowering: Lowering,
  node: Value,
  { axes, keepDims }: { axes: readonly number[]; keepDims: boolean },
  scale: number,
): void {
  const shape = shapeOf(node.inputs[0]!);
  const reduced = new Set(
    axes.length === 0 ? shape.keys() : axes.map((axis) => (axis < 0 ? axis + shape.length : axis)),
  );
  const strides = keepDims
    ? broadcastStrides(shapeOf(node), shape)
    : droppedStrides(shape, shapeOf(node), reduced);
  reduce(lowering, node, strides, scale);
}

export function sum(node: Value, lowering: Lowering): void {
  reduceAxes(lowering, node, attributesOf(node, ops.sum), 1);
}

export function mean(node: Value, lowering: Lowering): void {
  const share = sizeOf(shapeOf(node)) / sizeOf(shapeOf(node.inputs[0]!));
  reduceAxes(lowering, node, attributesOf(node, ops.mean), share);
}

export function sumTo(node: Value, lowering: Lowering): void {
  reduce(lowering, node, broadcastStrides(shapeOf(node), shapeOf(node.inputs[0]!)), 1);
}

export function globalAveragePool(node: Value, lowering: Lowering): void {
  const share = sizeOf(shapeOf(node)) / sizeOf(shapeOf(node.inputs[0]!));
  reduce(lowering, node, broadcastStrides(shapeOf(node), shapeOf(node.inputs[0]!)), share);
}

/** Sums over everything but axis 1, times a scale. */
export function sumChannel(node: Value, lowering: Lowering, scale: number): void {
  reduce(
    lowering,
    node,
    shapeOf(node.inputs[0]!).map((size, axis) => (axis === 1 && size > 1 ? 1 : 0)),
    scale,
  );
}

export function channelSum(node: Value, lowering: Lowering): void {
  sumChannel(node, lowering, 1);
}
