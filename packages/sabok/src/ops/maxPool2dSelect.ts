// Reads one map at the places where another has its windows' maxima: max pooling's derivative, as a linear map.
import { ShapeError, formatShape, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { maxPool2dGradient } from "./maxPool2dGradient.ts";
import {
  maxPool2dDefaults,
  poolOutputShape,
  poolSamples,
  windowMaxima,
  type MaxPool2dAttrs,
} from "./pooling.ts";
import { noMacs } from "./shapes.ts";

export const maxPool2dSelect: OpSpec<"maxPool2dSelect", MaxPool2dAttrs, 2> = {
  name: "maxPool2dSelect",
  doc: "y[p] = v[argmax of x over window p], the first maximum in row-major order; 0 where a window meets padding only.",
  inputs: ["v [N,C,H,W]", "x [N,C,H,W]"],
  defaults: maxPool2dDefaults,
  infer([v, x], attrs, where) {
    if (formatShape(v.shape) !== formatShape(x.shape))
      throw new ShapeError(
        `${where}: v has shape ${formatShape(v.shape)} but x ${formatShape(x.shape)}; they must be equal.`,
      );
    return { shape: poolOutputShape(x.shape, attrs, where), dtype: v.dtype };
  },
  reference([v, x], attrs) {
    const y = zeros(poolOutputShape(x.shape, attrs, "maxPool2dSelect"));
    windowMaxima(x, y.shape, attrs).forEach((xAt, at) => (y.data[at] = xAt < 0 ? 0 : v.data[xAt]!));
    return y;
  },
  grad: (g, dy, { inputs: [, x], attrs }) => [g.apply(maxPool2dGradient, [dy, x], attrs), null],
  macs: noMacs,
  window: (_, { kernel, stride, dilation, padding }) => ({ kernel, stride, dilation, padding }),
  *samples() {
    for (const [x, attrs] of poolSamples) yield { inputs: [x, x], attrs };
  },
  rejects: [
    {
      inputs: [
        [1, 3, 4, 5],
        [1, 3, 4, 4],
      ],
      error: /v has shape \[1,3,4,5\] but x \[1,3,4,4\]/,
    },
    {
      inputs: [
        [1, 3, 1, 4],
        [1, 3, 1, 4],
      ],
      error: /2x2 window .* does not fit into a map of 1x4/,
    },
  ],
};
