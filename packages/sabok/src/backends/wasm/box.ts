// Boxes: the nested loops that strided kernels run, and where each value's elements lie for them.
import { invariant, stridesOf, type Shape } from "../../core/index.ts";
import { i32, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";

/** One loop of a box: its length, and how far each buffer moves in one step, in elements. */
export interface Axis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** Elements in one unit of a kernel over flat blocks. */
const blockSize = 4096;

export function blocksOf(elements: number): number {
  return Math.ceil(elements / blockSize);
}

/** A value's axes from the outermost to the innermost as they lie in memory: N, H, W, C where the rank is 4. */
export function memoryOrder(rank: number): readonly number[] {
  return rank === 4 ? [0, 2, 3, 1] : Array.from({ length: rank }, (_, axis) => axis);
}

/** The distance in memory between neighbours along each logical axis. */
export function memoryStrides(shape: Shape): readonly number[] {
  if (shape.length !== 4) return stridesOf(shape);
  const [, channels, height, width] = shape as [number, number, number, number];
  return [channels * height * width, 1, width * channels, channels];
}

/** The strides with which an operand is read while a result it broadcasts to is walked: 0 where it repeats. */
export function broadcastStrides(from: Shape, to: Shape): readonly number[] {
  const strides = memoryStrides(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** The box over a shape in its memory order, with the given strides of each buffer along the logical axes. */
export function boxOver(shape: Shape, ...strides: readonly (readonly number[])[]): readonly Axis[] {
  return merge(
    memoryOrder(shape.length).map((axis) => ({
      size: shape[axis]!,
      strides: strides.map((of) => of[axis]!),
    })),
  );
}

/** The same loops with fewer of them: axes of length 1 fall away, neighbours that every buffer walks as one are joined. */
export function merge(axes: readonly Axis[]): readonly Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged.at(-1);
    if (outer?.strides.every((stride, buffer) => stride === axis.strides[buffer]! * axis.size))
      merged[merged.length - 1] = { size: outer.size * axis.size, strides: axis.strides };
    else merged.push(axis);
  }
  invariant(merged.length <= 6, "a strided kernel needs more than six loops");
  return merged;
}

/** Six slots of sizes, then six slots of strides for each buffer, as the strided kernels read them. */
export function boxArgs(axes: readonly Axis[], buffers: number): Arg[] {
  const padding = Array.from({ length: 6 - axes.length }, () => 0);
  const sizes = [...padding.map(() => 1), ...axes.map((axis) => axis.size)];
  const strides = Array.from({ length: buffers }, (_, buffer) => [
    ...padding,
    ...axes.map((axis) => axis.strides[buffer]!),
  ]);
  return [...sizes, ...strides.flat()].map(i32);
}

/** Copies the elements of a box from one storage to another; offsets and the strides [from, to] are in elements. */
export function copyBox(
  lowering: Lowering,
  axes: readonly Axis[],
  from: Storage,
  to: Storage,
  { fromOffset = 0, toOffset = 0 }: { fromOffset?: number; toOffset?: number } = {},
): void {
  const pointers = [ptr(from, 4 * fromOffset), ptr(to, 4 * toOffset)];
  const transposed = asTranspose(axes);
  if (transposed) {
    const { images, rows, columns } = transposed;
    lowering.emit("transpose", images * Math.ceil(rows / 32), [
      ...pointers,
      i32(images),
      i32(rows),
      i32(columns),
    ]);
    return;
  }
  const elements = axes.reduce((product, axis) => product * axis.size, 1);
  lowering.emit("stridedCopy", blocksOf(elements), [...pointers, ...boxArgs(axes, 2)]);
}

/** A copy to[image][column][row] = from[image][row][column], if the box is one. */
function asTranspose(axes: readonly Axis[]): { images: number; rows: number; columns: number } | undefined {
  if (axes.length < 2 || axes.length > 3) return undefined;
  const [outer, inner] = axes.slice(-2) as [Axis, Axis];
  const [columns, rows] = [outer.size, inner.size];
  const images = axes.length === 3 ? axes[0]! : { size: 1, strides: [rows * columns, rows * columns] };
  const isTransposed =
    outer.strides[0] === 1 &&
    inner.strides[0] === columns &&
    outer.strides[1] === rows &&
    inner.strides[1] === 1;
  return isTransposed && images.strides.every((stride) => stride === rows * columns)
    ? { images: images.size, rows, columns }
    : undefined;
}

/** The loops that read [images][rows][columns] and write [images][columns][rows]. */
export function transposeBox(images: number, rows: number, columns: number): readonly Axis[] {
  return merge([
    { size: images, strides: [rows * columns, rows * columns] },
    { size: columns, strides: [1, rows] },
    { size: rows, strides: [columns, 1] },
  ]);
}
