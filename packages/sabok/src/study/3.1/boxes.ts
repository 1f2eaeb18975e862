// RoIAlign and RoIPool of one map over one or many boxes, and the laws that both have to obey.
import { Random, tensor, type Tensor } from "../../core/index.ts";
import { evaluate, roiAlign, roiPool, slice } from "../../nn/index.ts";
import { dot, largestDifference, normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { featureMap } from "./sampling.ts";

/** (x1, y1, x2, y2) in pixels of the image. */
export type Box = readonly [number, number, number, number];

export interface BoxRule {
  readonly outputSize: number;
  readonly spatialScale: number;
  readonly samplingRatio: number;
  readonly aligned: boolean;
}

const roisOf = (boxes: readonly Box[]): Tensor =>
  tensor(
    [boxes.length, 5],
    boxes.flatMap((box) => [0, ...box]),
  );

/** The pooled boxes, one list of bins a box. */
export async function pooled(
  map: Tensor,
  boxes: readonly Box[],
  rule: BoxRule,
): Promise<{ align: number[][]; pool: number[][] }> {
  const { outputSize, spatialScale } = rule;
  const { align, pool } = await evaluate(
    (map, rois) => ({
      align: roiAlign(map, rois, rule),
      pool: roiPool(map, rois, { outputSize, spatialScale }),
    }),
    [map, roisOf(boxes)],
  );
  const bins = outputSize ** 2;
  const rows = ({ data }: Tensor): number[][] =>
    boxes.map((_, r) => Array.from(data.subarray(r * bins, (r + 1) * bins)));
  return { align: rows(align), pool: rows(pool) };
}

export const moved = ([x1, y1, x2, y2]: Box, by: number): Box => [x1 + by, y1, x2 + by, y2];

/** What reverse mode gives: to the box, and ⟨RoI(P), G⟩ − ⟨P, RoIᵀ(G)⟩, for a random G. */
export async function reverseModeOf(map: Tensor, box: Box, rule: BoxRule) {
  const cotangent = normalTensor(new Random(3), [1, 1, rule.outputSize, rule.outputSize]);
  const { y, byMap, byBox } = await evaluate(
    (map, rois, dy) => {
      const y = roiAlign(map, rois, rule);
      const [byMap, byBox] = gradientsOf(y, [map, rois], dy);
      return { y, byMap: byMap!, byBox: byBox! };
    },
    [map, roisOf([box]), cotangent],
  );
  return {
    toBox: Array.from(byBox.data.subarray(1)),
    adjointness: Math.abs(dot(y.data, cotangent.data) - dot(map.data, byMap.data)),
  };
}

/** A box moved by one stride against a map moved by one cell, and how far a constant map's bins are from the constant. */
export async function laws(
  size: number,
  box: Box,
  rule: BoxRule,
): Promise<{ strideAgainstCell: number; constant: number }> {
  const wide = featureMap("random", size, size + 1);
  const part = (from: number): Promise<Tensor> =>
    evaluate((map) => slice(map, { starts: [0, 0, 0, from], sizes: [1, 1, size, size] }), [wide]);
  const [here, shifted] = [await part(0), await part(1)];
  const boxMoved = await pooled(here, [moved(box, 1 / rule.spatialScale)], rule);
  const mapMoved = await pooled(shifted, [box], rule);
  const ones = tensor([1, 1, size, size], new Float64Array(size * size).fill(1));
  const constant = await pooled(ones, [box], rule);
  return {
    strideAgainstCell: largestDifference(boxMoved.align[0]!, mapMoved.align[0]!),
    constant: Math.max(...constant.align[0]!.map((value) => Math.abs(value - 1))),
  };
}
