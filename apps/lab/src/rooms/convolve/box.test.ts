import { expect, test } from "vitest";
import { movedBox, resizedBox, soundBox, stepOfKey } from "./box.ts";

test("any four numbers become a box within the image, in quarters of a pixel", () => {
  expect(soundBox([6, 4, 22, 20])).toEqual([6, 4, 22, 20]);
  expect(soundBox([22.1, 20, 6, 4])).toEqual([6, 4, 22, 20]);
  expect(soundBox([-5, 3, 99, 3])).toEqual([0, 3, 32, 3.5]);
  expect(soundBox([32, 32, 32, 32])).toEqual([31.5, 31.5, 32, 32]);
});

test("a moved box keeps its size and stops at the border", () => {
  expect(movedBox([6, 4, 22, 20], 3.1, -9)).toEqual([9, 0, 25, 16]);
  expect(movedBox([6, 4, 22, 20], 100, 100)).toEqual([16, 16, 32, 32]);
});

test("a corner moves, the opposite one stays, an area is left", () => {
  expect(resizedBox([6, 4, 22, 20], "nw", 2, 3)).toEqual([8, 7, 22, 20]);
  expect(resizedBox([6, 4, 22, 20], "se", -99, 99)).toEqual([6, 4, 6.5, 32]);
  expect(resizedBox([6, 4, 22, 20], "ne", 1, -1)).toEqual([6, 3, 23, 20]);
});

test("arrow keys step a quarter of a pixel, with Shift four", () => {
  expect(stepOfKey("ArrowLeft", false)).toEqual([-0.25, 0]);
  expect(stepOfKey("ArrowDown", true)).toEqual([0, 4]);
  expect(stepOfKey("a", false)).toBeUndefined();
});
