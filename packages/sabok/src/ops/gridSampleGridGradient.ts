// The gradient of gridSample to its coordinates: how the map slopes at each sample. One-sided where a sample is on a pixel.
import { zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import {
  gridSampleWords,
  expectSampled,
  forEachGridTap,
  gridSampleDefaults,
  gridSamples,
  sampledShape,
  type GridSampleAttrs,
} from "./gridSampling.ts";
import { noMacs } from "./shapes.ts";

export const gridSampleGridGradient: OpSpec<"gridSampleGridGradient", GridSampleAttrs, 3> = {
  name: "gridSampleGridGradient",
  doc: "dgrid[n,p,q,·] = Σ_c dy[n,c,p,q] · Σ_{i,j} ∂w(grid[n,p,q]; i,j)/∂(x, y) · x[n,c,i,j]; zeros in mode nearest. It has no further derivative here.",
  inputs: ["dy [N,C,OH,OW]", "x [N,C,H,W]", "grid [N,OH,OW,2]"],
  defaults: gridSampleDefaults,
  words: gridSampleWords,
  infer([dy, x, grid], _, where) {
    expectSampled(dy.shape, sampledShape(x.shape, grid.shape, where), where);
    return grid;
  },
  reference([dy, x, grid], attrs) {
    const dgrid = zeros(grid.shape);
    const [, channels, height, width] = x.shape as [number, number, number, number];
    const samples = grid.shape[1]! * grid.shape[2]!;
    forEachGridTap([height, width], grid, attrs, (n, sample, { pixel, byX, byY }) => {
      let product = 0;
      for (let plane = n * channels; plane < (n + 1) * channels; plane++)
        product += dy.data[plane * samples + sample]! * x.data[plane * height * width + pixel]!;
      dgrid.data[2 * (n * samples + sample)]! += product * byX;
      dgrid.data[2 * (n * samples + sample) + 1]! += product * byY;
    });
    return dgrid;
  },
  grad: "none",
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, grid, attrs] of gridSamples())
      yield { inputs: [sampledShape(x, grid, "sample"), x, grid], attrs };
  },
  rejects: [
    {
      inputs: [
        [1, 3, 4, 5],
        [1, 3, 8, 8],
        [1, 4, 4, 2],
      ],
      error: /dy has shape \[1,3,4,5\], but sampling gives \[1,3,4,4\]/,
    },
    {
      inputs: [
        [1, 3, 4, 4],
        [1, 3, 8, 8],
        [1, 4, 4, 3],
      ],
      error: /expected a grid \[N,OH,OW,2\]/,
    },
  ],
};
