// Lowerings of softmax and cross entropy, whose kernels work on the last axis in memory.
import { sizeOf } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { copyBox, memoryOrder, memoryStrides, merge, type Axis } from "./box.ts";
import { bytesOf, f32, i32, ptr, type Lowering, type LowerOperator } from "./lowering.ts";

function alongAxis(kernel: string): LowerOperator {
  return (node, lowering) => {
    const x = node.inputs[0]!;
    const shape = shapeOf(x);
    const { axis } = attributesOf(node, ops.softmax);
    const along = axis < 0 ? axis + shape.length : axis;
    const channels = shape[along]!;
    const rows = sizeOf(shape) / channels;
    if (memoryOrder(shape.length).at(-1) === along) {
      lowering.emit(kernel, rows, [ptr(lowering.of(x)), ptr(lowering.of(node)), i32(channels)]);
      return;
    }
    const lines = lowering.temporary(bytesOf(x));
    copyBox(lowering, linesBox(shape, along, false), lowering.of(x), lines);
    lowering.emit(kernel, rows, [ptr(lines), ptr(lines), i32(channels)]);
    copyBox(lowering, linesBox(shape, along, true), lines, lowering.of(node));
  };
}

/** The loops that bring an axis to the end, or (back) from there to its place. */
function linesBox(shape: readonly number[], along: number, back: boolean): readonly Axis[] {
  const strides = memoryStrides(shape);
  const order = [...memoryOrder(shape.length).filter((axis) => axis !== along), along];
  let stride = 1;
  const lineStrides = new Map(
    [...order].reverse().map((axis) => {
      const own = stride;
      stride *= shape[axis]!;
      return [axis, own];
    }),
  );
  const walked = back ? memoryOrder(shape.length) : order;
  return merge(
    walked.map((axis) => {
      const pair = [strides[axis]!, lineStrides.get(axis)!];
      return { size: shape[axis]!, strides: back ? pair.reverse() : pair };
    }),
  );
}

export const softmax = alongAxis("softmax");
export const logSoftmax = alongAxis("logSoftmax");

export function crossEntropy(node: Value, lowering: Lowering): void {
  const [logits, target] = node.inputs as [Value, Value];
  const [rows, classes] = shapeOf(logits) as [number, number];
  const { smoothing } = attributesOf(node, ops.crossEntropy);
  const losses = lowering.temporary(8 * rows);
  const operands = [logits, target].map((value) => ptr(lowering.of(value)));
  lowering.emit("crossEntropyRows", rows, [...operands, ptr(losses), i32(classes), f32(smoothing)]);
  lowering.emit("sumPartials", 1, [ptr(losses), ptr(lowering.of(node)), i32(rows), f32(1 / rows)]);
}

export function crossEntropyGradient(node: Value, lowering: Lowering): void {
  const [dy, logits, target] = node.inputs as [Value, Value, Value];
  const [rows, classes] = shapeOf(logits) as [number, number];
  const { smoothing } = attributesOf(node, ops.crossEntropyGradient);
  const operands = [logits, target, dy, node].map((value) => ptr(lowering.of(value)));
  lowering.emit("crossEntropyGradient", rows, [...operands, i32(classes), f32(smoothing), i32(rows)]);
}
