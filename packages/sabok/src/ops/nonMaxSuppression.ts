// Which boxes of a detector stay: the best ones that no better one covers.
import { Random, ShapeError, formatShape, tensor, zeros, type Shape, type Tensor } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";

export type NonMaxSuppressionAttrs = {
  /** The most boxes of one class in one image. */
  readonly most: number;
  /** A box falls away whose intersection over union with a better one is above this. */
  readonly overlap: number;
  /** Boxes are taken whose score is above this. */
  readonly score: number;
  /** Whether a box is [centre x, centre y, width, height]; else two opposite corners [y, x, y, x]. */
  readonly centred: boolean;
};

export const nonMaxSuppression: OpSpec<"nonMaxSuppression", NonMaxSuppressionAttrs, 2> = {
  name: "nonMaxSuppression",
  doc: "Rows [image, class, box] of the boxes that stay, by image and class, the best first; rows of −1 fill the end. A box stays where its score is above a bound and no better box that stays covers it.",
  inputs: ["boxes [N,B,4]", "scores [N,C,B]"],
  defaults: { most: 1, overlap: 0, score: -Infinity, centred: false },
  infer: ([boxes, scores], attrs, where) => ({
    shape: keptShape(boxes.shape, scores.shape, attrs, where),
    dtype: boxes.dtype,
  }),
  reference([boxes, scores], attrs) {
    const y = zeros(keptShape(boxes.shape, scores.shape, attrs, "nonMaxSuppression"));
    const rows = keptBoxes(boxes, scores, attrs);
    y.data.fill(-1);
    for (const [i, row] of rows.entries()) y.data.set(row, 3 * i);
    return y;
  },
  grad: () => [null, null],
  macs: noMacs,
  *samples() {
    const sizes: readonly (readonly [number, number, number])[] = [
      [1, 1, 1],
      [1, 6, 1],
      [2, 5, 3],
      [1, 17, 2],
      [3, 8, 1],
      [1, 33, 4],
      [2, 12, 2],
    ];
    for (const [i, [images, count, classes]] of sizes.entries())
      for (const most of [1, 3, 20])
        yield {
          inputs: [corners([images, count, 4], 7 * i + most), [images, classes, count]],
          attrs: {
            most,
            overlap: 0.3 + 0.1 * (i % 3),
            score: i % 2 === 0 ? -Infinity : 0,
            centred: i % 3 === 2,
          },
        };
  },
  rejects: [
    {
      inputs: [
        [1, 5, 3],
        [1, 2, 5],
      ],
      error: /boxes \[1,5,3\], scores \[1,2,5\], expected \[N,B,4\] and \[N,C,B\]/,
    },
    {
      inputs: [
        [1, 5, 4],
        [1, 2, 4],
      ],
      error: /expected \[N,B,4\] and \[N,C,B\]/,
    },
    {
      inputs: [
        [1, 5, 4],
        [1, 2, 5],
      ],
      attrs: { most: 0 },
      error: /most is 0/,
    },
  ],
};

/** The rows [image, class, box] that stay. */
export function keptBoxes(
  boxes: Tensor,
  scores: Tensor,
  attrs: NonMaxSuppressionAttrs,
): [number, number, number][] {
  const [images, classes, count] = scores.shape as [number, number, number];
  const rows: [number, number, number][] = [];
  for (let image = 0; image < images; image++)
    for (let category = 0; category < classes; category++) {
      const scoreOf = (box: number): number => scores.data[(image * classes + category) * count + box]!;
      const order = Array.from({ length: count }, (_, box) => box)
        .filter((box) => scoreOf(box) > attrs.score)
        .sort((a, b) => scoreOf(b) - scoreOf(a) || a - b);
      const kept: Box[] = [];
      for (const box of order) {
        if (kept.length >= attrs.most) break;
        const candidate = boxAt(boxes, image * count + box, attrs.centred);
        if (kept.some((better) => intersectionOverUnion(better, candidate) > attrs.overlap)) continue;
        kept.push(candidate);
        rows.push([image, category, box]);
      }
    }
  return rows;
}

type Box = readonly [top: number, left: number, bottom: number, right: number];

function boxAt({ data }: Tensor, at: number, centred: boolean): Box {
  const [a, b, c, d] = [data[4 * at]!, data[4 * at + 1]!, data[4 * at + 2]!, data[4 * at + 3]!];
  if (centred) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

function intersectionOverUnion(a: Box, b: Box): number {
  const areaOf = ([top, left, bottom, right]: Box): number => (bottom - top) * (right - left);
  const height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (height <= 0 || width <= 0) return 0;
  return (height * width) / (areaOf(a) + areaOf(b) - height * width);
}

function keptShape(boxes: Shape, scores: Shape, { most }: NonMaxSuppressionAttrs, where: string): Shape {
  const [images, count, four] = boxes;
  if (boxes.length !== 3 || scores.length !== 3 || four !== 4 || scores[0] !== images || scores[2] !== count)
    throw new ShapeError(
      `${where}: boxes ${formatShape(boxes)}, scores ${formatShape(scores)}, expected [N,B,4] and [N,C,B].`,
    );
  if (!Number.isInteger(most) || most < 1)
    throw new ShapeError(`${where}: most is ${most}, expected a whole number of at least 1.`);
  return [images! * scores[1]! * Math.min(most, count!), 3];
}

function corners(shape: Shape, seed: number): Tensor {
  const random = new Random(seed);
  const numbers: number[] = [];
  for (let i = 0; i < shape[0]! * shape[1]!; i++) {
    const [top, left] = [random.uniform(), random.uniform()];
    numbers.push(top, left, top + 0.2 + random.uniform(), left + 0.2 + random.uniform());
  }
  return tensor(shape, Float64Array.from(numbers));
}
