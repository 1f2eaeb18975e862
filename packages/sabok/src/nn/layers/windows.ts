// How window layers take their geometry: one number for both axes, or each for itself.
import { ShapeError } from "../../core/index.ts";
import type { Padding, Pair } from "../../graph/index.ts";

/** One number for both axes, or [vertical, horizontal]. */
export type Size = number | Pair;

/**
 * Zeros around the map: one number for all sides, [top, left, bottom, right], or "same": as many as make the output
 * ⌈size/stride⌉, the odd one at the bottom or right (ONNX's SAME_UPPER).
 */
export type PaddingOption = number | "same" | Padding;

export function pairOf(size: Size): Pair {
  return typeof size === "number" ? [size, size] : size;
}

export function paddingOf(padding: number | Padding): Padding {
  return typeof padding === "number" ? [padding, padding, padding, padding] : padding;
}

/** The four paddings of a window over a map [H, W]. */
export function resolvePadding(
  option: PaddingOption,
  map: Pair,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): Padding {
  if (option !== "same") return paddingOf(option);
  const [vertical, horizontal] = [0, 1].map((axis) => {
    const covered =
      (Math.ceil(map[axis]! / stride[axis]!) - 1) * stride[axis]! + dilation[axis]! * (kernel[axis]! - 1) + 1;
    return Math.max(0, covered - map[axis]!);
  }) as [number, number];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, left, vertical - top, horizontal - left];
}

/** Throws unless both channel counts divide into the groups. */
export function expectGroups(channels: number, out: number, groups: number, where: string): void {
  if (Number.isInteger(groups) && groups >= 1 && channels % groups === 0 && out % groups === 0) return;
  throw new ShapeError(
    `${where}: ${channels} input and ${out} output channels cannot be split into ${groups} groups.`,
  );
}
