// The activation functions as numbers: value and derivative, with PyTorch's derivative at the kinks.
// Each has an op file of its own; fused operators and activationGradient look them up here by name.
import type { Tensor } from "../core/index.ts";

export const activationNames = [
  "relu",
  "relu6",
  "leakyRelu",
  "sigmoid",
  "hardSigmoid",
  "hardSwish",
  "silu",
  "tanh",
] as const;
/** What the `activation` of an operator that takes one in may be. */
export const activationWords: readonly string[] = ["none", ...activationNames];

export type ActivationName = (typeof activationNames)[number];

/** An activation as the attribute of a fused operator; "none" leaves the value as it is. */
export type Activation = ActivationName | "none";

interface ActivationFunction {
  readonly f: (x: number, slope: number) => number;
  readonly derivative: (x: number, slope: number) => number;
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

export const activationFunctions: Readonly<Record<Activation, ActivationFunction>> = {
  none: { f: (x) => x, derivative: () => 1 },
  relu: { f: (x) => (x < 0 ? 0 : x), derivative: (x) => (x > 0 ? 1 : 0) },
  relu6: { f: (x) => (x < 0 ? 0 : x > 6 ? 6 : x), derivative: (x) => (x > 0 && x < 6 ? 1 : 0) },
  leakyRelu: { f: (x, slope) => (x > 0 ? x : slope * x), derivative: (x, slope) => (x > 0 ? 1 : slope) },
  sigmoid: { f: sigmoidOf, derivative: (x) => sigmoidOf(x) * (1 - sigmoidOf(x)) },
  hardSigmoid: {
    f: (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5),
    derivative: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  },
  hardSwish: {
    f: (x) => (x < -3 ? 0 : x > 3 ? x : (x * (x + 3)) / 6),
    derivative: (x) => (x < -3 ? 0 : x <= 3 ? x / 3 + 0.5 : 1),
  },
  silu: { f: (x) => x * sigmoidOf(x), derivative: (x) => sigmoidOf(x) * (1 + x * (1 - sigmoidOf(x))) },
  tanh: { f: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
};

/** The attributes by which a fused operator names the activation it ends with. */
export type ActivationAttrs = {
  readonly activation: Activation;
  /** leakyRelu's slope below 0; without meaning for the others. */
  readonly slope: number;
};

/** The activation of every element. */
export function activate(x: Tensor, { activation, slope }: ActivationAttrs): Tensor {
  const { f } = activationFunctions[activation];
  return { shape: x.shape, data: Float64Array.from(x.data, (element) => f(element, slope)) };
}
