// The gradient of crossEntropy to the logits: the network's probabilities against the targets.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { crossEntropy, type CrossEntropyAttrs } from "./crossEntropy.ts";
import { mul } from "./mul.ts";
import { expectShape, noMacs } from "./shapes.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

export const crossEntropyGradient: OpSpec<"crossEntropyGradient", CrossEntropyAttrs, 3> = {
  name: "crossEntropyGradient",
  doc: "dlogits = dy/N · (softmax(logits)·Σ_k t'_k − t'), t' = (1 − s)·target + s/K.",
  inputs: ["dy []", "logits [N,K]", "target [N,K]"],
  defaults: { smoothing: 0 },
  infer([dy, logits, target], attrs, where) {
    expectShape(dy, [], "dy", where);
    crossEntropy.infer([logits, target], attrs, where);
    return logits;
  },
  reference([dy, logits, target], { smoothing }) {
    const [rows, classes] = logits.shape as [number, number];
    const probabilities = softmax.reference([logits], { axis: -1 });
    const gradient = zeros(logits.shape);
    for (let n = 0; n < rows; n++) {
      const smoothed = Array.from(
        { length: classes },
        (_, k) => (1 - smoothing) * target.data[n * classes + k]! + smoothing / classes,
      );
      const total = smoothed.reduce((a, b) => a + b, 0);
      for (let k = 0; k < classes; k++)
        gradient.data[n * classes + k] =
          (dy.data[0]! / rows) * (probabilities.data[n * classes + k]! * total - smoothed[k]!);
    }
    return gradient;
  },
  expand(g, { inputs: [dy, logits, target], attrs: { smoothing } }) {
    const [rows, classes] = shapeOf(logits) as [number, number];
    const smoothed = g.apply(affine, [target], { scale: 1 - smoothing, offset: smoothing / classes });
    const total = g.apply(sum, [smoothed], { axes: [1], keepDims: true });
    const difference = g.apply(sub, [g.apply(mul, [g.apply(softmax, [logits]), total]), smoothed]);
    return g.apply(mul, [difference, g.apply(affine, [dy], { scale: 1 / rows })]);
  },
  grad: "expand",
  macs: noMacs,
  *samples() {
    for (const smoothing of [0, 0.1, 0.5])
      for (const shape of [
        [1, 2],
        [1, 1],
        [3, 5],
        [32, 10],
        [7, 17],
        [2, 33],
        [5, 100],
      ] as const)
        yield { inputs: [[], shape, shape], attrs: { smoothing } };
  },
  rejects: [{ inputs: [[1], [4, 10], [4, 10]], error: /dy has shape \[1\], expected \[\]/ }],
};
