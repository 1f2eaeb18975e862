// The logarithm of softmax, without computing a quotient that could underflow.
import { normalizeAxis, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { noMacs } from "./shapes.ts";
import { forEachLine, lineSums, softmaxSamples, type SoftmaxAttrs } from "./softmax.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

export const logSoftmax: OpSpec<"logSoftmax", SoftmaxAttrs, 1> = {
  name: "logSoftmax",
  doc: "y = x − max x − log Σ exp(x − max x) along one axis.",
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
      for (const at of line) y.data[at] = x.data[at]! - max - Math.log(total);
    });
    return y;
  },
  grad(g, dy, { attrs: { axis }, output: y }) {
    // x̄ = ȳ − exp(y)·Σȳ
    const total = g.apply(sum, [dy], { axes: [axis], keepDims: true });
    return [g.apply(sub, [dy, g.apply(mul, [g.apply(exp, [y]), total])])];
  },
  macs: noMacs,
  samples: softmaxSamples,
  rejects: [{ inputs: [[2, 3]], attrs: { axis: -3 }, error: /axis -3 is outside a value of rank 2/ }],
};
