// The transpose of gridSample in the map: each dy goes back to the pixels its sample read.
import { ShapeError, formatShape, zeros, type Shape } from "../core/index.ts";
import type { OpSpec, Pair } from "../graph/index.ts";
import { gridSample } from "./gridSample.ts";
import { gridSampleGridGradient } from "./gridSampleGridGradient.ts";
import {
  gridSampleWords,
  expectSampled,
  forEachGridTap,
  gridSampleDefaults,
  gridSamples,
  sampledShape,
  type GridSampleAttrs,
} from "./gridSampling.ts";
import { expectPair, noMacs } from "./shapes.ts";

export type GridSampleInputGradientAttrs = GridSampleAttrs & {
  /** [H, W] of the map. */
  readonly size: Pair;
};

export const gridSampleInputGradient: OpSpec<"gridSampleInputGradient", GridSampleInputGradientAttrs, 2> = {
  name: "gridSampleInputGradient",
  doc: "The transpose of gridSample in x: dx[n,c,i,j] = Σ_{p,q} w(grid[n,p,q]; i,j)·dy[n,c,p,q], w the weight with which the sample reads the pixel.",
  inputs: ["dy [N,C,OH,OW]", "grid [N,OH,OW,2]"],
  defaults: { ...gridSampleDefaults, size: [1, 1] },
  words: gridSampleWords,
  infer: ([dy, grid], attrs, where) => ({
    shape: mapShape(dy.shape, grid.shape, attrs, where),
    dtype: dy.dtype,
  }),
  reference([dy, grid], attrs) {
    const dx = zeros(mapShape(dy.shape, grid.shape, attrs, "gridSampleInputGradient"));
    const [, channels, height, width] = dx.shape as [number, number, number, number];
    const samples = dy.shape[2]! * dy.shape[3]!;
    forEachGridTap(attrs.size, grid, attrs, (n, sample, { pixel, weight }) => {
      for (let plane = n * channels; plane < (n + 1) * channels; plane++)
        dx.data[plane * height * width + pixel]! += weight * dy.data[plane * samples + sample]!;
    });
    return dx;
  },
  // ⟨ddx, dx⟩ = ⟨gridSample(ddx, grid), dy⟩: linear in dy, and in the grid what gridSample of ddx is.
  grad: (g, ddx, { inputs: [dy, grid], attrs: { size: _, ...attrs } }) => [
    g.apply(gridSample, [ddx, grid], attrs),
    attrs.mode === "nearest" ? null : g.apply(gridSampleGridGradient, [dy, ddx, grid], attrs),
  ],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, grid, attrs] of gridSamples())
      yield { inputs: [sampledShape(x, grid, "sample"), grid], attrs: { ...attrs, size: [x[2]!, x[3]!] } };
  },
  rejects: [
    {
      inputs: [
        [1, 3, 4, 5],
        [1, 4, 4, 2],
      ],
      attrs: { size: [8, 8] },
      error: /dy has shape \[1,3,4,5\], but sampling gives \[1,3,4,4\]/,
    },
    {
      inputs: [
        [1, 3, 4, 4],
        [1, 4, 4, 2],
      ],
      attrs: { size: [8, 0] },
      error: /size is \[8,0\]/,
    },
    {
      inputs: [
        [3, 4, 4],
        [1, 4, 4, 2],
      ],
      attrs: { size: [8, 8] },
      error: /dy has shape \[3,4,4\], expected \[N,C,OH,OW\]/,
    },
  ],
};

function mapShape(dy: Shape, grid: Shape, { size }: GridSampleInputGradientAttrs, where: string): Shape {
  if (dy.length !== 4)
    throw new ShapeError(`${where}: dy has shape ${formatShape(dy)}, expected [N,C,OH,OW].`);
  expectPair(size, 1, "size", where);
  const x: Shape = [dy[0]!, dy[1]!, ...size];
  expectSampled(dy, sampledShape(x, grid, where), where);
  return x;
}
