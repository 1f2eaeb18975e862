// A map read at given positions, differentiable in the map and, unless it takes the nearest pixel, in the positions.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { gridSampleGridGradient } from "./gridSampleGridGradient.ts";
import { gridSampleInputGradient } from "./gridSampleInputGradient.ts";
import {
  gridSampleWords,
  forEachGridTap,
  gridSampleDefaults,
  gridSamples,
  sampledShape,
  type GridSampleAttrs,
} from "./gridSampling.ts";
import { noMacs } from "./shapes.ts";

export const gridSample: OpSpec<"gridSample", GridSampleAttrs, 2> = {
  name: "gridSample",
  doc: "y[n,c,p,q] is map x[n,c] at the position (x, y) = grid[n,p,q], in [−1, 1] across the map, interpolated between the four pixels around it, or the sixteen by cubics, or taken from the nearest.",
  inputs: ["x [N,C,H,W]", "grid [N,OH,OW,2]"],
  defaults: gridSampleDefaults,
  words: gridSampleWords,
  infer: ([x, grid], _, where) => ({ shape: sampledShape(x.shape, grid.shape, where), dtype: x.dtype }),
  reference([x, grid], attrs) {
    const y = zeros(sampledShape(x.shape, grid.shape, "gridSample"));
    const [, channels, height, width] = x.shape as [number, number, number, number];
    const samples = y.shape[2]! * y.shape[3]!;
    forEachGridTap([height, width], grid, attrs, (n, sample, { pixel, weight }) => {
      for (let plane = n * channels; plane < (n + 1) * channels; plane++)
        y.data[plane * samples + sample]! += weight * x.data[plane * height * width + pixel]!;
    });
    return y;
  },
  grad(g, dy, { inputs: [x, grid], attrs }) {
    const [, , height, width] = shapeOf(x);
    return [
      g.apply(gridSampleInputGradient, [dy, grid], { ...attrs, size: [height!, width!] }),
      attrs.mode === "nearest" ? null : g.apply(gridSampleGridGradient, [dy, x, grid], attrs),
    ];
  },
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, grid, attrs] of gridSamples()) yield { inputs: [x, grid], attrs };
  },
  rejects: [
    {
      inputs: [
        [3, 8, 8],
        [1, 4, 4, 2],
      ],
      error: /expected a map \[N,C,H,W\]/,
    },
    {
      inputs: [
        [1, 3, 8, 8],
        [1, 2, 4, 4],
      ],
      error: /expected a grid \[N,OH,OW,2\] of \(x, y\)\. Shapes x \[1,3,8,8\], grid \[1,2,4,4\]/,
    },
    {
      inputs: [
        [2, 3, 8, 8],
        [1, 4, 4, 2],
      ],
      error: /x has 2 maps but grid is for 1/,
    },
  ],
};
