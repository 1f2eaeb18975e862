// The window of the image that one output sees.
import type { FieldView } from "../../engine/network/view.ts";

export interface FieldWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The field of output (row, column) in image pixels: it begins at offset + place · stride. Parts in the padding lie outside of the
 * image. Undefined where every output sees everything and nothing local is left.
 */
export function fieldWindow(
  { local, stride, offset }: Pick<FieldView, "local" | "stride" | "offset">,
  [row, column]: readonly [number, number],
  [imageHeight, imageWidth]: readonly [number, number],
): FieldWindow {
  if (!local || !stride || !offset) return { left: 0, top: 0, width: imageWidth, height: imageHeight };
  return {
    top: offset[0] + row * stride[0],
    left: offset[1] + column * stride[1],
    height: local[0],
    width: local[1],
  };
}
