// Maps read at other positions: resizing, sampling by a grid, regions of interest.
import { ShapeError } from "../../core/index.ts";
import { shapeOf, type Value } from "../../graph/index.ts";
import {
  gridSample as gridSampleOp,
  resize as resizeOp,
  roiAlign as roiAlignOp,
  roiPool as roiPoolOp,
} from "../../ops/index.ts";
import { apply } from "../building.ts";
import { pairOf, type Size } from "./windows.ts";

export interface ResizeOptions {
  /** Of the result, [H, W]; or give a factor. */
  readonly size?: Size;
  /** The result is ⌊size·factor⌋, and 1/factor the step between samples, as in PyTorch. */
  readonly factor?: Size;
  /** Default "bilinear". */
  readonly mode?: "nearest" | "bilinear";
  /** Where a pixel lies: "halfPixel" (default), "alignCorners" or "asymmetric". */
  readonly coordinates?: "asymmetric" | "halfPixel" | "alignCorners";
}

/** x [N,C,H,W] at another size. */
export function resize(x: Value, { size, factor, ...rule }: ResizeOptions): Value {
  if ((size === undefined) === (factor === undefined))
    throw new ShapeError("resize: give either a size or a factor.");
  if (size !== undefined) return apply(resizeOp, [x], { ...rule, size: pairOf(size) });
  const scale = pairOf(factor!);
  const [, , height, width] = shapeOf(x);
  return apply(resizeOp, [x], {
    ...rule,
    scale,
    size: [Math.floor(height! * scale[0]), Math.floor(width! * scale[1])],
  });
}

export interface GridSampleOptions {
  /** Default "bilinear". */
  readonly mode?: "nearest" | "bilinear";
  /** What lies outside the map. Default "zeros". */
  readonly padding?: "zeros" | "border";
  /** Whether −1 and 1 are the centres of the outermost pixels. Default false: their outer edges. */
  readonly alignCorners?: boolean;
}

/** x [N,C,H,W] read at grid [N,OH,OW,(x,y)], both from −1 to 1. */
export function gridSample(x: Value, grid: Value, options: GridSampleOptions = {}): Value {
  return apply(gridSampleOp, [x, grid], options);
}

export interface RoiPoolOptions {
  /** Bins of a box. */
  readonly outputSize: Size;
  /** From the boxes' coordinates to the map's. Default 1. */
  readonly spatialScale?: number;
}

export interface RoiAlignOptions extends RoiPoolOptions {
  /** Samples along each axis of a bin; 0 or less: as many as the bin has pixels. Default −1. */
  readonly samplingRatio?: number;
  /** Shift the boxes by half a pixel. Default false. */
  readonly aligned?: boolean;
}

/** Boxes rois [R,(image,x1,y1,x2,y2)] of x [N,C,H,W], each averaged into bins: [R,C,OH,OW]. */
export function roiAlign(x: Value, rois: Value, { outputSize, ...options }: RoiAlignOptions): Value {
  return apply(roiAlignOp, [x, rois], { ...options, outputSize: pairOf(outputSize) });
}

/** Boxes of x [N,C,H,W], each reduced to the maxima of its bins, with rounded corners: [R,C,OH,OW]. */
export function roiPool(x: Value, rois: Value, { outputSize, ...options }: RoiPoolOptions): Value {
  return apply(roiPoolOp, [x, rois], { ...options, outputSize: pairOf(outputSize) });
}
