// A fully connected layer with its bias and activation in one step.
import type { OpSpec } from "../graph/index.ts";
import { activate, activationFunctions, activationWords, type ActivationAttrs } from "./activation.ts";
import { applyActivation } from "./applyActivation.ts";
import { biasAdd } from "./biasAdd.ts";
import { linear } from "./linear.ts";
import { expectRank, expectShape } from "./shapes.ts";

export const fusedLinear: OpSpec<"fusedLinear", ActivationAttrs, 3> = {
  name: "fusedLinear",
  doc: "y = f(linear(x, w) + b) for the named activation f.",
  inputs: ["x [N,K]", "w [O,K]", "b [O]"],
  defaults: { activation: "none", slope: 0.01 },
  words: { activation: activationWords },
  infer([x, w, b], _, where) {
    expectRank(x, 2, "x", where);
    const y = linear.infer([x, w], {}, where);
    expectShape(b, [w.shape[0]!], "b", where);
    return y;
  },
  reference: ([x, w, b], attrs) => activate(biasAdd.reference([linear.reference([x, w], {}), b], {}), attrs),
  expand: (g, { inputs: [x, w, b], attrs }) =>
    applyActivation(g, g.apply(biasAdd, [g.apply(linear, [x, w]), b]), attrs),
  grad: "expand",
  macs: ([x, w]) => linear.macs([x, w], {}),
  *samples() {
    const names = Object.keys(activationFunctions) as (keyof typeof activationFunctions)[];
    const sizes = [
      [1, 1, 1],
      [2, 3, 5],
      [7, 17, 9],
      [32, 64, 10],
      [5, 33, 2],
      [4, 5, 24],
      [6, 12, 40],
    ] as const;
    for (const [i, [n, k, o]] of [...sizes, ...sizes, ...sizes].entries())
      yield { inputs: [[n, k], [o, k], [o]], attrs: { activation: names[i % names.length]! } };
  },
  rejects: [{ inputs: [[2, 5], [4, 5], [5]], error: /b has shape \[5\], expected \[4\]/ }],
};
