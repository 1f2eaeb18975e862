// Scattering by hand: what is replaced, added to, multiplied, and which of several updates to one place counts.
import { expect, test } from "vitest";
import { tensor } from "../core/index.ts";
import { scatterElements } from "./scatterElements.ts";
import { scatterReduce } from "./scatterReduce.ts";

const x = tensor([2, 3], [1, 2, 3, 4, 5, 6]);

test("along either axis, negative indices from the back", () => {
  const columns = tensor([2, 1], [-1, 0]);
  const updates = tensor([2, 1], [10, 20]);
  expect([...scatterElements.reference([x, columns, updates], { axis: 1, reduction: "none" }).data]).toEqual([
    1, 2, 10, 20, 5, 6,
  ]);
  const rows = tensor([1, 2], [1, 0]);
  const more = tensor([1, 2], [10, 20]);
  expect([...scatterElements.reference([x, rows, more], { axis: 0, reduction: "none" }).data]).toEqual([
    1, 20, 3, 10, 5, 6,
  ]);
});

test("several updates to one place", () => {
  const indices = tensor([3], [1, 1, 0]);
  const updates = tensor([3], [5, -2, 3]);
  const line = tensor([2], [2, 4]);
  const replaced = scatterElements.reference([line, indices, updates], { axis: 0, reduction: "none" });
  const added = scatterElements.reference([line, indices, updates], { axis: 0, reduction: "add" });
  const by = (reduction: "mul" | "max" | "min"): number[] => [
    ...scatterReduce.reference([line, indices, updates], { axis: 0, reduction }).data,
  ];
  expect([[...replaced.data], [...added.data]]).toEqual([
    [3, -2],
    [5, 7],
  ]);
  expect([by("mul"), by("max"), by("min")]).toEqual([
    [6, -40],
    [3, 5],
    [2, -2],
  ]);
});
