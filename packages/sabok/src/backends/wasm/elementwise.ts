// Lowerings of the elementwise operators: arithmetic with broadcasting, powers, activations.
import { sizeOf } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { blocksOf, boxArgs, boxOver, broadcastStrides } from "./box.ts";
import { f32, i32, ptr, type Lowering, type LowerOperator } from "./lowering.ts";

// The codes of packages/kernels/assembly/codes.ts.
const binaryCodes = { add: 0, sub: 1, mul: 2, div: 3 } as const;
const unaryCodes = { square: 0, sqrt: 1, reciprocal: 2, reciprocalSqrt: 3, exp: 4, log: 5 } as const;

/** An activation's code in every kernel that takes one. */
export const activationCodes: Readonly<Record<ops.Activation, number>> = {
  none: 0,
  relu: 1,
  relu6: 2,
  leakyRelu: 3,
  sigmoid: 4,
  hardSigmoid: 5,
  hardSwish: 6,
  silu: 7,
  tanh: 8,
};

function emitBinary(
  lowering: Lowering,
  code: number,
  node: Value,
  strides: readonly (readonly number[])[],
): void {
  const [a, b] = node.inputs as readonly [Value, Value];
  const axes = boxOver(shapeOf(node), ...strides);
  const operands = [a, b, node].map((value) => ptr(lowering.of(value)));
  lowering.emit("binary", blocksOf(sizeOf(shapeOf(node))), [...operands, i32(code), ...boxArgs(axes, 2)]);
}

function binary(code: number): LowerOperator {
  return (node, lowering) =>
    emitBinary(
      lowering,
      code,
      node,
      node.inputs.map((operand) => broadcastStrides(shapeOf(operand), shapeOf(node))),
    );
}

export const add = binary(binaryCodes.add);
export const sub = binary(binaryCodes.sub);
export const mul = binary(binaryCodes.mul);
export const div = binary(binaryCodes.div);

export function biasAdd(node: Value, lowering: Lowering): void {
  const shape = shapeOf(node);
  emitBinary(lowering, binaryCodes.add, node, [
    broadcastStrides(shape, shape),
    shape.map((size, axis) => (axis === 1 && size > 1 ? 1 : 0)),
  ]);
}

/** A kernel from x to a result of its size: pointers to both, the number of elements, then the given arguments. */
function emitFlat(
  lowering: Lowering,
  kernel: string,
  node: Value,
  args: readonly ReturnType<typeof i32>[],
): void {
  const count = sizeOf(shapeOf(node));
  const operands = [...node.inputs, node].map((value) => ptr(lowering.of(value)));
  lowering.emit(kernel, blocksOf(count), [...operands, i32(count), ...args]);
}

function unary(code: number): LowerOperator {
  return (node, lowering) => emitFlat(lowering, "unary", node, [i32(code)]);
}

export const exp = unary(unaryCodes.exp);
export const log = unary(unaryCodes.log);

export function affine(node: Value, lowering: Lowering): void {
  const { scale, offset } = attributesOf(node, ops.affine);
  emitFlat(lowering, "affine", node, [f32(scale), f32(offset)]);
}

const powerCodes: ReadonlyMap<number, number> = new Map([
  [2, unaryCodes.square],
  [0.5, unaryCodes.sqrt],
  [-1, unaryCodes.reciprocal],
  [-0.5, unaryCodes.reciprocalSqrt],
]);

export function power(node: Value, lowering: Lowering): void {
  const { exponent } = attributesOf(node, ops.power);
  const code = powerCodes.get(exponent);
  if (exponent === 1) lowering.alias(node, node.inputs[0]!);
  else if (code !== undefined) emitFlat(lowering, "unary", node, [i32(code)]);
  else emitFlat(lowering, "powerScalar", node, [f32(exponent)]);
}

function activation(name: ops.ActivationName): LowerOperator {
  return (node, lowering) => emitFlat(lowering, "activation", node, [i32(activationCodes[name]), f32(0)]);
}

export const relu = activation("relu");
export const relu6 = activation("relu6");
export const sigmoid = activation("sigmoid");
export const hardSigmoid = activation("hardSigmoid");
export const hardSwish = activation("hardSwish");
export const silu = activation("silu");
export const tanh = activation("tanh");

export function leakyRelu(node: Value, lowering: Lowering): void {
  const { slope } = attributesOf(node, ops.leakyRelu);
  emitFlat(lowering, "activation", node, [i32(activationCodes.leakyRelu), f32(slope)]);
}

export function activationGradient(node: Value, lowering: Lowering): void {
  const { activation, slope } = attributesOf(node, ops.activationGradient);
  emitFlat(lowering, "activationGradient", node, [i32(activationCodes[activation]), f32(slope)]);
}
