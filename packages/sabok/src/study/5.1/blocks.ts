// Two fully connected layers, with a skip in three forms, and their Jacobians by the library's reverse mode.
import { tensor, type Tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { activate, add, evaluate, linear } from "../../nn/index.ts";
import { identity } from "../4.1/convolution1d.ts";
import { gradientsOf } from "../gradientsOf.ts";

/** g, by its name in the library; "none" is the identity, a linear network. */
export type ActivationName = "none" | "relu" | "tanh" | "sigmoid";

export const activationNames = [
  "none",
  "relu",
  "tanh",
  "sigmoid",
] as const satisfies readonly ActivationName[];

/** The names as tables and figures write them. */
export const activationTitles: Readonly<
  Record<ActivationName, { readonly en: string; readonly fa: string }>
> = {
  none: { en: "linear", fa: "خطی" },
  relu: { en: "ReLU", fa: "ReLU" },
  tanh: { en: "tanh", fa: "tanh" },
  sigmoid: { en: "sigmoid", fa: "سیگموید" },
};

/** The largest slope of each. */
export const steepest: Readonly<Record<ActivationName, number>> = {
  none: 1,
  relu: 1,
  tanh: 1,
  sigmoid: 0.25,
};

/**
 * Where a^l is added again: nowhere; to z^{l+2}, inside the last activation (the classic figure); or to g(z^{l+2}),
 * outside of it (the pre-activation form).
 */
export type Skip = "none" | "inside" | "outside";

export const skips = ["none", "inside", "outside"] as const satisfies readonly Skip[];

/** The weights of one block as values of a graph; `b1` and `b2` may be left out. */
export interface BlockWeights {
  readonly w1: Value;
  readonly w2: Value;
  readonly b1?: Value;
  readonly b2?: Value;
}

/** a^{l+2} for a^l [B,n]. */
export function block(
  a: Value,
  { w1, w2, b1, b2 }: BlockWeights,
  activation: ActivationName,
  skip: Skip,
): Value {
  const layer = (x: Value, w: Value, b: Value | undefined): Value =>
    b ? add(linear(x, w), b) : linear(x, w);
  const z2 = layer(activate(layer(a, w1, b1), activation), w2, b2);
  if (skip === "inside") return activate(add(z2, a), activation);
  const out = activate(z2, activation);
  return skip === "outside" ? add(a, out) : out;
}

/** The point a [n] as a batch of `rows` equal rows: with unit cotangents, one backward pass gives all rows of a Jacobian. */
export function repeated(a: Tensor, rows: number): Tensor {
  const n = a.data.length;
  return tensor(
    [rows, n],
    Float64Array.from({ length: rows * n }, (_, at) => a.data[at % n]!),
  );
}

export interface PointAndWeights {
  readonly a: Tensor;
  readonly w1: Tensor;
  readonly w2: Tensor;
  readonly b1: Tensor;
  readonly b2: Tensor;
}

/** ∂a^{l+2}/∂a^l [n,n] at a point, with a^{l+2} itself. */
export async function blockJacobian(
  { a, w1, w2, b1, b2 }: PointAndWeights,
  activation: ActivationName,
  skip: Skip,
) {
  const n = w2.shape[0]!;
  const { y, jacobian } = await evaluate(
    (a, w1, b1, w2, b2, units) => {
      const y = block(a, { w1, b1, w2, b2 }, activation, skip);
      const [jacobian] = gradientsOf(y, [a], units);
      return { y, jacobian: jacobian! };
    },
    [repeated(a, n), w1, b1, w2, b2, identity(n)],
  );
  return { y: Array.from(y.data.subarray(0, n)), jacobian };
}

/** What the formulas are made of: D at z^{l+1}, at z^{l+2}, and at z^{l+2} + a^l. */
export interface Slopes {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly lastWithSkip: readonly number[];
}

/** The diagonals of D, by reverse mode through the activation alone. */
export async function slopesAt(
  { a, w1, w2, b1, b2 }: PointAndWeights,
  activation: ActivationName,
): Promise<Slopes> {
  const { first, last, lastWithSkip } = await evaluate(
    (a, w1, b1, w2, b2, hidden, out) => {
      const z1 = add(linear(a, w1), b1);
      const z2 = add(linear(activate(z1, activation), w2), b2);
      const slope = (z: Value, ones: Value): Value => gradientsOf(activate(z, activation), [z], ones)[0]!;
      return { first: slope(z1, hidden), last: slope(z2, out), lastWithSkip: slope(add(z2, a), out) };
    },
    [repeated(a, 1), w1, b1, w2, b2, ones(w1.shape[0]!), ones(w2.shape[0]!)],
  );
  return { first: [...first.data], last: [...last.data], lastWithSkip: [...lastWithSkip.data] };
}

function ones(length: number): Tensor {
  return tensor([1, length], new Float64Array(length).fill(1));
}
