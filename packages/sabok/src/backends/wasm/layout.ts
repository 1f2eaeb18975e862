// Lowerings of the operators that move numbers without changing them.
import { sizeOf, type Shape } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { blocksOf, boxOver, broadcastStrides, copyBox, memoryStrides, transposeBox } from "./box.ts";
import { f32, i32, ptr, type Lowering, type Storage } from "./lowering.ts";

/** Copies a storage to another of the same size. */
export function copyValue(from: Storage, to: Storage, lowering: Lowering): void {
  copyBox(lowering, [{ size: from.bytes / 4, strides: [1, 1] }], from, to);
}

/** Whether a value lies in memory in its logical, row-major order. */
function isRowMajor(shape: Shape): boolean {
  return shape.length !== 4 || shape[1] === 1 || shape[2]! * shape[3]! === 1;
}

/** The same row-major sequence under another shape: no copy unless one of the two lies NHWC. */
export function reshape(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const [from, to] = [shapeOf(x), shapeOf(node)];
  const sameShape = from.length === to.length && from.every((size, axis) => size === to[axis]);
  if (sameShape || (isRowMajor(from) && isRowMajor(to))) {
    lowering.alias(node, x);
    return;
  }
  let rowMajor = lowering.of(x);
  if (!isRowMajor(from)) {
    const [images, channels, height, width] = from as [number, number, number, number];
    const target = isRowMajor(to) ? lowering.of(node) : lowering.temporary(4 * sizeOf(from));
    copyBox(lowering, transposeBox(images, height * width, channels), rowMajor, target);
    rowMajor = target;
  }
  if (isRowMajor(to)) return;
  const [images, channels, height, width] = to as [number, number, number, number];
  copyBox(lowering, transposeBox(images, channels, height * width), rowMajor, lowering.of(node));
}

export const flatten = reshape;

export function transpose(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const shape = shapeOf(node);
  const { permutation } = attributesOf(node, ops.transpose);
  const strides = memoryStrides(shapeOf(x));
  const box = boxOver(
    shape,
    permutation.map((axis) => strides[axis]!),
    memoryStrides(shape),
  );
  copyBox(lowering, box, lowering.of(x), lowering.of(node));
}

export function broadcastTo(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const shape = shapeOf(node);
  copyBox(
    lowering,
    boxOver(shape, broadcastStrides(shapeOf(x), shape), memoryStrides(shape)),
    lowering.of(x),
    lowering.of(node),
  );
}

/** Σ starts·strides: where a part begins in memory. */
function offsetOf(starts: readonly number[], strides: readonly number[]): number {
  return starts.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);
}

function scaled(strides: readonly number[], steps: readonly number[]): readonly number[] {
  return strides.map((stride, axis) => stride * steps[axis]!);
}

function fill(lowering: Lowering, node: Value, value: number): void {
  const count = sizeOf(shapeOf(node));
  lowering.emit("fill", blocksOf(count), [ptr(lowering.of(node)), i32(count), f32(value)]);
}

export function concat(node: Value, lowering: Lowering): void {
  const shape = shapeOf(node);
  const { axis } = attributesOf(node, ops.concat);
  const along = axis < 0 ? axis + shape.length : axis;
  const strides = memoryStrides(shape);
  let start = 0;
  for (const x of node.inputs) {
    const part = shapeOf(x);
    copyBox(lowering, boxOver(part, memoryStrides(part), strides), lowering.of(x), lowering.of(node), {
      toOffset: start * strides[along]!,
    });
    start += part[along]!;
  }
}

export function slice(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const part = shapeOf(node);
  const { starts, steps } = attributesOf(node, ops.slice);
  const strides = memoryStrides(shapeOf(x));
  const box = boxOver(part, scaled(strides, steps), memoryStrides(part));
  copyBox(lowering, box, lowering.of(x), lowering.of(node), { fromOffset: offsetOf(starts, strides) });
}

export function sliceGradient(node: Value, lowering: Lowering): void {
  const dy = node.inputs[0]!;
  const part = shapeOf(dy);
  const { starts, steps } = attributesOf(node, ops.sliceGradient);
  const strides = memoryStrides(shapeOf(node));
  fill(lowering, node, 0);
  const box = boxOver(part, memoryStrides(part), scaled(strides, steps));
  copyBox(lowering, box, lowering.of(dy), lowering.of(node), { toOffset: offsetOf(starts, strides) });
}

export function pad(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const part = shapeOf(x);
  const { before, value } = attributesOf(node, ops.pad);
  const strides = memoryStrides(shapeOf(node));
  fill(lowering, node, value);
  copyBox(lowering, boxOver(part, memoryStrides(part), strides), lowering.of(x), lowering.of(node), {
    toOffset: offsetOf(before, strides),
  });
}
