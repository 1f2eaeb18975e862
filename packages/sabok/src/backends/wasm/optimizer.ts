// Lowerings of the optimisers' updates and of dropout. Each update may be written over the state it replaces.
import { sizeOf } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { blocksOf } from "./box.ts";
import { f32, i32, ptr, type Arg, type Lowering } from "./lowering.ts";

/** A flat update: the operands and the result in the operator's order, the number of elements, then the arguments. */
function emitUpdate(lowering: Lowering, kernel: string, node: Value, args: readonly Arg[]): void {
  const count = sizeOf(shapeOf(node));
  const operands = [...node.inputs, node].map((value) => ptr(lowering.of(value)));
  lowering.emit(kernel, blocksOf(count), [...operands, i32(count), ...args]);
}

export function sgdMomentum(node: Value, lowering: Lowering): void {
  const { momentum, weightDecay } = attributesOf(node, ops.sgdMomentum);
  emitUpdate(lowering, "sgdVelocity", node, [f32(momentum), f32(weightDecay)]);
}

export function sgdStep(node: Value, lowering: Lowering): void {
  const { momentum, weightDecay, nesterov } = attributesOf(node, ops.sgdStep);
  emitUpdate(lowering, "sgdStep", node, [f32(momentum), f32(weightDecay), i32(nesterov ? 1 : 0)]);
}

export function adamMoment1(node: Value, lowering: Lowering): void {
  const { beta1 } = attributesOf(node, ops.adamMoment1);
  emitUpdate(lowering, "adamMean", node, [f32(1 - beta1)]);
}

export function adamMoment2(node: Value, lowering: Lowering): void {
  const { beta2 } = attributesOf(node, ops.adamMoment2);
  emitUpdate(lowering, "adamVariance", node, [f32(beta2), f32(1 - beta2)]);
}

export function adamStep(node: Value, lowering: Lowering): void {
  const { beta1, beta2, epsilon, weightDecay } = attributesOf(node, ops.adamStep);
  emitUpdate(lowering, "adamStep", node, [f32(1 - beta1), f32(1 - beta2), f32(epsilon), f32(weightDecay)]);
}

export function lerp(node: Value, lowering: Lowering): void {
  emitUpdate(lowering, "lerp", node, []);
}

export function dropout(node: Value, lowering: Lowering): void {
  const [x, counter] = node.inputs as [Value, Value];
  const { rate, seed } = attributesOf(node, ops.dropout);
  const shape = shapeOf(x);
  const pixels = shape.length === 4 ? shape[2]! * shape[3]! : 1;
  const channels = shape.length === 4 ? shape[1]! : (shape.at(-1) ?? 1);
  const rows = sizeOf(shape) / channels;
  const unit = Math.max(1, Math.round(4096 / channels));
  const operands = [x, node, counter].map((value) => ptr(lowering.of(value)));
  const geometry = [rows, channels, pixels, unit].map(i32);
  // uniform ≥ rate as whole numbers: uniform is a multiple of 2^−24.
  const draw = [i32(seed | 0), i32(Math.ceil(rate * 2 ** 24)), f32(1 / (1 - rate))];
  lowering.emit("dropout", Math.ceil(rows / unit), [...operands, ...geometry, ...draw]);
}
