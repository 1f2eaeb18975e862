// Probabilities from logits.
import { normalizeAxis, sizeOf, zeros, type Shape, type Tensor } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { mul } from "./mul.ts";
import { noMacs } from "./shapes.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

export type SoftmaxAttrs = { readonly axis: number };

export const softmax: OpSpec<"softmax", SoftmaxAttrs, 1> = {
  name: "softmax",
  doc: "y = exp(x − max x) / Σ exp(x − max x) along one axis.",
  inputs: ["x"],
  defaults: { axis: -1 },
  infer([x], { axis }, where) {
    normalizeAxis(axis, x.shape.length, where);
    return x;
  },
  reference([x], { axis }) {
    const y = zeros(x.shape);
    forEachLine(x, axis, (line) => {
      const { max, total } = lineSums(x, line);
      for (const at of line) y.data[at] = Math.exp(x.data[at]! - max) / total;
    });
    return y;
  },
  grad(g, dy, { attrs: { axis }, output: y }) {
    // x̄ = y ⊙ (ȳ − Σ ȳ⊙y)
    const dot = g.apply(sum, [g.apply(mul, [dy, y])], { axes: [axis], keepDims: true });
    return [g.apply(mul, [y, g.apply(sub, [dy, dot])])];
  },
  macs: noMacs,
  samples: softmaxSamples,
  rejects: [{ inputs: [[2, 3]], attrs: { axis: 2 }, error: /axis 2 is outside a value of rank 2/ }],
};

/** Calls back with the positions of each line along an axis. */
export function forEachLine(x: Tensor, axis: number, visit: (line: readonly number[]) => void): void {
  const at = normalizeAxis(axis, x.shape.length, "softmax");
  const length = x.shape[at]!;
  const inner = sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) visit(Array.from({ length }, (_, l) => (o * length + l) * inner + i));
}

/** The maximum of a line and Σ exp(x − max). */
export function lineSums(x: Tensor, line: readonly number[]): { max: number; total: number } {
  const max = line.reduce((most, at) => Math.max(most, x.data[at]!), -Infinity);
  return { max, total: line.reduce((total, at) => total + Math.exp(x.data[at]! - max), 0) };
}

export function* softmaxSamples(): Iterable<{ inputs: readonly [Shape]; attrs: SoftmaxAttrs }> {
  for (const x of [[1], [7], [3, 5], [4, 1], [9, 10], [32, 10], [2, 17], [1, 33]] as Shape[])
    yield { inputs: [x], attrs: { axis: -1 } };
  for (const x of [
    [3, 5],
    [2, 3, 4, 5],
    [1, 17, 3, 3],
    [2, 3, 4],
  ] as Shape[])
    for (let axis = 0; axis < x.length; axis++) yield { inputs: [x], attrs: { axis } };
}
