// Max pooling where samples cannot go: ties, NaN, and windows that meet padding only.
import { expect, test } from "vitest";
import { tensor } from "../core/index.ts";
import { averagePool2d } from "./averagePool2d.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { maxPool2dGradient } from "./maxPool2dGradient.ts";
import { maxPool2dSelect } from "./maxPool2dSelect.ts";
import { maxPool2dDefaults } from "./pooling.ts";

const wide = { ...maxPool2dDefaults, kernel: [1, 3], stride: [1, 3] } as const;

test("of equal maxima the first takes the gradient and is selected", () => {
  const x = tensor([1, 1, 1, 6], [2, 5, 5, -1, -1, -1]);
  const dx = maxPool2dGradient.reference([tensor([1, 1, 1, 2], [10, 20]), x], wide);
  expect([...dx.data]).toEqual([0, 10, 0, 20, 0, 0]);
  const v = tensor([1, 1, 1, 6], [1, 2, 3, 4, 5, 6]);
  expect([...maxPool2dSelect.reference([v, x], wide).data]).toEqual([2, 4]);
});

test("NaN is the maximum of its window, the first NaN its place", () => {
  const x = tensor([1, 1, 1, 6], [9, NaN, NaN, 1, 2, 3]);
  expect([...maxPool2d.reference([x], wide).data]).toEqual([NaN, 3]);
  const dx = maxPool2dGradient.reference([tensor([1, 1, 1, 2], [10, 20]), x], wide);
  expect([...dx.data]).toEqual([0, 10, 0, 0, 0, 20]);
});

test("a map of −∞ still has a maximum; a dilated window over padding only has none", () => {
  const lowest = tensor([1, 1, 1, 3], [-Infinity, -Infinity, -Infinity]);
  expect([...maxPool2dGradient.reference([tensor([1, 1, 1, 1], [7]), lowest], wide).data]).toEqual([7, 0, 0]);
  const holes = {
    ...maxPool2dDefaults,
    kernel: [1, 2],
    stride: [1, 1],
    dilation: [1, 2],
    padding: [0, 1, 0, 1],
  } as const;
  const x = tensor([1, 1, 1, 1], [4]);
  expect([...maxPool2d.reference([x], holes).data]).toEqual([-Infinity]);
  expect([...maxPool2dSelect.reference([x, x], holes).data]).toEqual([0]);
  expect([...maxPool2dGradient.reference([tensor([1, 1, 1, 1], [7]), x], holes).data]).toEqual([0]);
});

test("what lies beyond the padding under ceilMode counts in no divisor", () => {
  const x = tensor([1, 1, 1, 3], [3, 6, 9]);
  const attrs = {
    kernel: [1, 2],
    stride: [1, 2],
    padding: [0, 0, 0, 0],
    ceilMode: true,
    countIncludePad: true,
  } as const;
  expect([...averagePool2d.reference([x], attrs).data]).toEqual([4.5, 9]);
  const padded = { ...attrs, kernel: [1, 3], padding: [0, 1, 0, 1] } as const;
  expect([...averagePool2d.reference([x], padded).data]).toEqual([3, 5]);
  expect([...averagePool2d.reference([x], { ...padded, countIncludePad: false }).data]).toEqual([4.5, 7.5]);
});
