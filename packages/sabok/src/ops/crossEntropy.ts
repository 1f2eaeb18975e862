// The loss of classification, from logits.
import { ShapeError, formatShape, tensor } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { crossEntropyGradient } from "./crossEntropyGradient.ts";
import { logSoftmax } from "./logSoftmax.ts";
import { mul } from "./mul.ts";
import { expectRank, noMacs } from "./shapes.ts";
import { sum } from "./sum.ts";

export type CrossEntropyAttrs = {
  /** Label smoothing s: the target becomes (1 − s)·target + s/K, K classes. */
  readonly smoothing: number;
};

export const crossEntropy: OpSpec<"crossEntropy", CrossEntropyAttrs, 2> = {
  name: "crossEntropy",
  doc: "loss = −(1/N) Σ_n Σ_k t'[n,k] · logSoftmax(logits)[n,k], t' = (1 − s)·target + s/K: the batch's mean.",
  inputs: ["logits [N,K]", "target [N,K]"],
  defaults: { smoothing: 0 },
  infer([logits, target], { smoothing }, where) {
    expectRank(logits, 2, "logits", where);
    if (formatShape(logits.shape) !== formatShape(target.shape))
      throw new ShapeError(
        `${where}: target has shape ${formatShape(target.shape)}, expected the logits' ${formatShape(logits.shape)}: one row of class probabilities an image.`,
      );
    if (!(smoothing >= 0 && smoothing < 1))
      throw new ShapeError(`${where}: smoothing is ${smoothing}, expected a number from 0 to below 1.`);
    return { shape: [], dtype: logits.dtype };
  },
  reference([logits, target], { smoothing }) {
    const [rows, classes] = logits.shape as [number, number];
    const logs = logSoftmax.reference([logits], { axis: -1 });
    let loss = 0;
    for (let i = 0; i < logs.data.length; i++)
      loss -= ((1 - smoothing) * target.data[i]! + smoothing / classes) * logs.data[i]!;
    return tensor([], [loss / rows]);
  },
  expand(g, { inputs: [logits, target], attrs: { smoothing } }) {
    const [rows, classes] = shapeOf(logits) as [number, number];
    const smoothed = g.apply(affine, [target], { scale: 1 - smoothing, offset: smoothing / classes });
    const total = g.apply(sum, [g.apply(mul, [smoothed, g.apply(logSoftmax, [logits])])], {
      axes: [0, 1],
      keepDims: false,
    });
    return g.apply(affine, [total], { scale: -1 / rows });
  },
  grad(g, dy, { inputs: [logits, target], attrs }) {
    const rows = shapeOf(logits)[0]!;
    const scaled = g.apply(affine, [dy], { scale: (attrs.smoothing - 1) / rows });
    return [
      g.apply(crossEntropyGradient, [dy, logits, target], attrs),
      g.apply(mul, [g.apply(logSoftmax, [logits]), scaled]),
    ];
  },
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
        yield { inputs: [shape, shape], attrs: { smoothing } };
  },
  rejects: [
    { inputs: [[4, 10], [4]], error: /target has shape \[4\], expected the logits' \[4,10\]/ },
    {
      inputs: [
        [4, 10],
        [4, 10],
      ],
      attrs: { smoothing: 1 },
      error: /smoothing is 1/,
    },
  ],
};
