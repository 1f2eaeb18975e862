// RoIAlign and RoIPool against the worked example and torchvision's compiled operators, and the laws both obey.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Random, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";
import { roiAlign } from "./roiAlign.ts";
import { roiAlignGradient } from "./roiAlignGradient.ts";
import { roiPool } from "./roiPool.ts";
import { roiAlignShape } from "./rois.ts";

interface Facts {
  readonly roi: {
    readonly box: number[];
    readonly spatialScale: number;
    readonly cases: readonly {
      map: string;
      op: string;
      aligned: boolean;
      samplingRatio: number;
      output: number[];
    }[];
  };
  readonly roiAlignOutside: {
    box: number[];
    spatialScale: number;
    samplingRatio: number;
    aligned: boolean;
    output: number[];
  };
}

const facts = JSON.parse(
  readFileSync(new URL("../../golden/fixtures/facts.json", import.meta.url), "utf8"),
) as Facts;

const formulas: Readonly<Record<string, (i: number, j: number) => number>> = {
  "10i+j": (i, j) => 10 * i + j,
  "i+j": (i, j) => i + j,
  "(i^2+j^3) mod 7": (i, j) => (i * i + j ** 3) % 7,
};
const map = (formula: string): Tensor =>
  tensor(
    [1, 1, 10, 10],
    Array.from({ length: 100 }, (_, at) => formulas[formula]!(Math.floor(at / 10), at % 10)),
  );
const box = (corners: readonly number[]): Tensor => tensor([1, 5], [0, ...corners]);
const scale = 10 / 32;

describe("the worked example: box (6, 4, 22, 20) of a 32x32 image on a 10x10 map, 2x2 bins", () => {
  const attrs = { outputSize: [2, 2], spatialScale: scale } as const;

  test.each([-1, 1, 2, 3])(
    "RoIAlign with sampling ratio %d; on a linear map it does not matter",
    (samplingRatio) => {
      const at = (aligned: boolean): number[] => [
        ...roiAlign.reference([map("10i+j"), box([6, 4, 22, 20])], { ...attrs, samplingRatio, aligned }).data,
      ];
      [28.125, 30.625, 53.125, 55.625].forEach((value, i) => expect(at(false)[i]).toBeCloseTo(value, 10));
      [22.625, 25.125, 47.625, 50.125].forEach((value, i) => expect(at(true)[i]).toBeCloseTo(value, 10));
    },
  );

  test("RoIPool", () => {
    expect([...roiPool.reference([map("10i+j"), box([6, 4, 22, 20])], attrs).data]).toEqual([34, 37, 64, 67]);
    expect([...roiPool.reference([map("(i^2+j^3) mod 7"), box([6, 4, 22, 20])], attrs).data]).toEqual([
      5, 4, 5, 4,
    ]);
  });

  test.each(facts.roi.cases)(
    "torchvision: $op of $map, aligned $aligned, sampling ratio $samplingRatio",
    (fact) => {
      const operands = [map(fact.map), box(facts.roi.box)] as const;
      const { aligned, samplingRatio } = fact;
      const y =
        fact.op === "roi_pool"
          ? roiPool.reference(operands, attrs)
          : roiAlign.reference(operands, { ...attrs, aligned, samplingRatio });
      fact.output.forEach((value, i) => expect(y.data[i]).toBeCloseTo(value, 10));
    },
  );
});

test("samples more than a pixel outside the map are zeros and count in the mean", () => {
  const { box: corners, samplingRatio, aligned, output } = facts.roiAlignOutside;
  const y = roiAlign.reference([map("i+j"), box(corners)], {
    outputSize: [3, 3],
    spatialScale: scale,
    samplingRatio,
    aligned,
  });
  output.forEach((value, i) => expect(y.data[i]).toBeCloseTo(value, 10));
});

describe("laws", () => {
  const random = new Random(3);
  const draw = (shape: Shape): Tensor =>
    tensor(
      shape,
      Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    );
  const dot = (a: Tensor, b: Tensor): number =>
    [...a.data].reduce((total, value, i) => total + value * b.data[i]!, 0);

  test("RoIAlign's gradient is its adjoint", () => {
    for (const aligned of [false, true])
      for (const samplingRatio of [-1, 2]) {
        const shape = [2, 3, 9, 7];
        const rois = tensor([3, 5], [0, 2, 3, 20, 17, 1, -6, -5, 9, 7, 1, 11.5, 0.25, 30, 28]);
        const attrs = { outputSize: [3, 2], spatialScale: 0.25, samplingRatio, aligned } as const;
        const [x, dy] = [draw(shape), draw(roiAlignShape(shape, rois.shape, attrs, "test"))];
        const forwards = dot(roiAlign.reference([x, rois], attrs), dy);
        expect(dot(x, roiAlignGradient.reference([dy, rois], { ...attrs, shape }))).toBeCloseTo(forwards, 10);
      }
  });

  test("a constant map gives the constant while the box is inside", () => {
    const flat = tensor([1, 2, 10, 10], new Float64Array(200).fill(7.5));
    const y = roiAlign.reference([flat, box([4, 5, 27, 23])], {
      outputSize: [3, 3],
      spatialScale: scale,
      samplingRatio: -1,
      aligned: true,
    });
    for (const value of y.data) expect(value).toBeCloseTo(7.5, 12);
  });

  test("a box moved by one stride is the map moved by one cell", () => {
    const x = draw([1, 1, 10, 10]);
    const moved = tensor(
      [1, 1, 10, 10],
      Array.from(x.data, (_, at) => x.data[(at + 1) % 100]!),
    );
    const corners = [8, 8, 16, 16];
    const right = corners.map((corner, k) => corner + (k % 2 === 0 ? 4 : 0));
    const align = { outputSize: [2, 2], spatialScale: 0.25, samplingRatio: 2, aligned: true } as const;
    const [a, b] = [
      roiAlign.reference([x, box(right)], align),
      roiAlign.reference([moved, box(corners)], align),
    ];
    a.data.forEach((value, i) => expect(value).toBeCloseTo(b.data[i]!, 12));
    expect([...roiPool.reference([x, box(right)], align).data]).toEqual([
      ...roiPool.reference([moved, box(corners)], align).data,
    ]);
  });
});

test.each([1, -1, 0.5, NaN])("a box of image %d among one is an error that says so", (image) => {
  const rois = tensor([2, 5], [0, 1, 1, 4, 4, image, 1, 1, 4, 4]);
  const attrs = { outputSize: [1, 1], spatialScale: 1, samplingRatio: 1, aligned: false } as const;
  const message = new RegExp(`box 1 belongs to image ${image}, expected a whole number from 0 to 0`);
  expect(() => roiAlign.reference([map("i+j"), rois], attrs)).toThrow(message);
  expect(() => roiPool.reference([map("i+j"), rois], attrs)).toThrow(message);
  const dy = tensor([2, 1, 1, 1], [1, 1]);
  expect(() => roiAlignGradient.reference([dy, rois], { ...attrs, shape: [1, 1, 10, 10] })).toThrow(message);
});
