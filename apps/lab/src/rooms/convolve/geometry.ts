// The room's settings as they stand in the URL, brought within their ranges, and whether a kernel fits the map at all.
import type { ConvolveGeometry } from "../../engine/jobs/convolve.ts";

/** The ranges of the sliders, ends included. */
export const ranges = {
  size: [3, 8],
  kernel: [1, 5],
  stride: [1, 4],
  dilation: [1, 4],
  padding: [0, 5],
} as const satisfies Record<string, readonly [number, number]>;

export interface GeometrySettings {
  readonly operation: string;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly outputPadding: number;
}

/** A whole number within a range, whatever a URL says. */
export function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}

/** The geometry over a square map of an edge. */
export function geometryOf(settings: GeometrySettings, edge: number): ConvolveGeometry {
  const operation = settings.operation === "transposed" ? "transposed" : "convolution";
  const stride = within(settings.stride, ranges.stride);
  return {
    operation,
    height: edge,
    width: edge,
    kernel: within(settings.kernel, ranges.kernel),
    stride,
    dilation: within(settings.dilation, ranges.dilation),
    padding: within(settings.padding, ranges.padding),
    outputPadding: operation === "transposed" ? within(settings.outputPadding, [0, stride - 1]) : 0,
  };
}

/** Input pixels from the kernel's first weight to its last: d(k − 1) + 1. */
export const spanOf = ({ kernel, dilation }: Pick<ConvolveGeometry, "kernel" | "dilation">): number =>
  dilation * (kernel - 1) + 1;

/** Why there is no output, in the numbers that say what to change; undefined where there is one. */
export type Misfit =
  | {
      readonly kind: "kernelTooLarge";
      readonly span: number;
      readonly padded: number;
      readonly leastPadding: number;
    }
  | { readonly kind: "allCropped"; readonly whole: number; readonly mostPadding: number };

export function misfitOf(geometry: ConvolveGeometry): Misfit | undefined {
  const { operation, height, stride, padding, outputPadding } = geometry;
  const span = spanOf(geometry);
  if (operation === "convolution") {
    const padded = height + 2 * padding;
    return span <= padded
      ? undefined
      : { kind: "kernelTooLarge", span, padded, leastPadding: Math.ceil((span - height) / 2) };
  }
  const whole = (height - 1) * stride + span + outputPadding;
  return whole - 2 * padding >= 1
    ? undefined
    : { kind: "allCropped", whole, mostPadding: Math.floor((whole - 1) / 2) };
}
