import { describe, expect, test } from "vitest";
import { tensor } from "../core/index.ts";
import { cocoClasses } from "./cocoClasses.ts";
import { decodeBoxes, detectorOutputs, keepDetections } from "./detect.ts";

/** Centred at (0.5, 0.5), 0.2 high and 0.4 wide. */
const anchor = [0.4, 0.3, 0.6, 0.7];

describe("decodeBoxes", () => {
  test("no offset is the anchor; offsets move its centre by tenths of its size and scale it by powers of e", () => {
    const offsets = tensor([1, 3, 4], [0, 0, 0, 0, 10, -5, 0, 0, 0, 0, 5 * Math.log(2), 5 * Math.log(0.5)]);
    const { shape, data } = decodeBoxes(offsets, tensor([3, 4], [...anchor, ...anchor, ...anchor]));
    expect(shape).toEqual([3, 4]);
    const expected = [...anchor, 0.6, 0.1, 0.8, 0.5, 0.3, 0.4, 0.7, 0.6];
    for (const [i, x] of expected.entries()) expect(data[i]).toBeCloseTo(x, 6);
  });

  test("other shapes are refused", () => {
    expect(() => decodeBoxes(tensor([1, 1, 4], [0, 0, 0, 0]), tensor([2, 4], Array(8).fill(0)))).toThrow(
      /got offsets \[1,1,4\] and anchors \[2,4\]; expected \[1,A,4\] and \[A,4\]/,
    );
  });
});

describe("keepDetections", () => {
  const boxes = tensor([3, 4], [0, 0, 1, 1, 0, 0, 1, 0.9, 0, 0, 0.2, 0.2]);
  const scores = tensor([1, 3, 2], [0.9, 0.1, 0.8, 0.7, 0.1, 0.6]);

  test("a better box of the class covers the second; other classes stand apart; the best comes first", () => {
    const found = keepDetections(boxes, scores);
    expect(found.map(({ class: c, score }) => [c, Number(score.toFixed(2))])).toEqual([
      [0, 0.9],
      [1, 0.7],
      [1, 0.6],
    ]);
    expect(found[2]!.box.bottom).toBeCloseTo(0.2, 6);
    expect(keepDetections(boxes, scores, { overlap: 0.95 })).toHaveLength(4);
    expect(keepDetections(boxes, scores, { score: 0.85 })).toHaveLength(1);
    expect(keepDetections(boxes, scores, { most: 1 })).toHaveLength(2);
  });

  test("a class for nothing is left out, and the others count from it", () => {
    expect(keepDetections(boxes, scores, { background: true }).map((found) => found.class)).toEqual([0, 0]);
  });

  test("shapes that do not fit are refused", () => {
    expect(() => keepDetections(boxes, tensor([1, 2, 2], [0, 0, 0, 0]))).toThrow(
      /expected \[A,4\] and \[1,A,C\]/,
    );
  });
});

test("boxes and scores are told by their shapes, anchors by their name", () => {
  const zero = (...shape: number[]) => tensor(shape, new Float32Array(shape.reduce((a, b) => a * b)));
  const outputs = {
    scores: zero(1, 5, 91),
    boxes: zero(1, 5, 4),
    anchors: tensor([5, 4], Array(5).fill(anchor).flat()),
  };
  const { boxes, scores } = detectorOutputs(outputs, "anchors");
  expect(Array.from(boxes.data.slice(0, 4), (x) => Number(x.toFixed(3)))).toEqual(anchor);
  expect(scores).toBe(outputs.scores);
  expect(detectorOutputs({ boxes: outputs.boxes, scores: outputs.scores }).boxes.shape).toEqual([5, 4]);
  expect(() => detectorOutputs({ logits: zero(1, 10) })).toThrow(
    /gives no boxes with scores: .* got "logits" \[1,10\]/,
  );
});

test("COCO counts to 90, eighty of them with a name", () => {
  expect(cocoClasses).toHaveLength(90);
  expect(cocoClasses.filter((name) => name !== "")).toHaveLength(80);
  expect([cocoClasses[0], cocoClasses[16], cocoClasses[89]]).toEqual(["person", "cat", "toothbrush"]);
});
