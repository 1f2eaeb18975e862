// How rules read a graph: weights' shapes, what stands before a value, numbers in words.
import { isState, mapSizeOf, shapeOf, type Pair, type Value } from "../../graph/index.ts";
import { activationNames } from "../../ops/index.ts";

const activations: ReadonlySet<string> = new Set(activationNames);
const rectifiers: ReadonlySet<string> = new Set(["relu", "relu6", "leakyRelu"]);

export const isActivation = (value: Value): boolean => activations.has(value.op);

/** The activation a value ends with: its own operator's, or the one fused into it. */
export function activationOf({ op, attrs }: Value): string | undefined {
  if (activations.has(op)) return op;
  const fused = attrs["activation"];
  return typeof fused === "string" && fused !== "none" ? fused : undefined;
}

export const isRectifier = (activation: string | undefined): boolean =>
  activation !== undefined && rectifiers.has(activation);

export function isConvolution({ op }: Value): boolean {
  return op === "conv2d" || op === "fusedConv2d";
}

export function isDepthwise(value: Value): boolean {
  if (!isConvolution(value)) return false;
  const [outputs, perGroup] = shapeOf(value.inputs[1]!);
  const groups = value.attrs["groups"] as number;
  return groups > 1 && perGroup === 1 && outputs === groups;
}

export function isPointwise(value: Value): boolean {
  return isConvolution(value) && value.attrs["groups"] === 1 && kernelOf(value).every((side) => side === 1);
}

export function kernelOf(convolution: Value): Pair {
  return mapSizeOf(convolution.inputs[1]!);
}

/** The value behind biases, batch norms and activations: the convolution or whatever else computes. */
export function sourceOf(value: Value): Value {
  let source = value;
  while (source.op === "biasAdd" || source.op === "batchNorm" || isActivation(source))
    source = source.inputs[0]!;
  return source;
}

/** The readers of a value behind biases and batch norms. */
export function readersOf(value: Value, users: ReadonlyMap<Value, readonly Value[]>): Value[] {
  return (users.get(value) ?? []).flatMap((user) =>
    (user.op === "biasAdd" || user.op === "batchNorm") &&
    user.inputs[0] === value &&
    activationOf(user) === undefined
      ? readersOf(user, users)
      : [user],
  );
}

export const hasOwnWeight = (value: Value): boolean =>
  value.inputs[1] !== undefined && isState(value.inputs[1]);

export function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** 3 significant digits, without an exponent where that reads well. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function integer(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** What a finding calls a value: its place, or, outside every layer's scope, its operator. */
export function nodeName({ name, op }: Value): string {
  return name === "" ? op : name;
}
