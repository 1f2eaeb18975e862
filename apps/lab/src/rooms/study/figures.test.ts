import * as Plot from "@observablehq/plot";
import { expect, test } from "vitest";
import type { Series } from "sabok/study";
import { axisLabel, colorAt, drawable, figuresOf, plotOptions } from "./figures.ts";

const text = (en: string) => ({ en, fa: en });
const series = (figure: string, more: Partial<Series> = {}): Series => ({
  name: text("a"),
  x: [0, 1, 2],
  y: [1, Number.NaN, 100],
  xLabel: text("depth"),
  yLabel: text("size"),
  unit: "px",
  figure,
  ...more,
});

test("series of one figure stand together, in the order in which figures appear", () => {
  const figures = figuresOf([series("one"), series("two"), series("one")]);
  expect(figures.map(({ key, series: own }) => [key, own.length])).toEqual([
    ["one", 2],
    ["two", 1],
  ]);
});

test("points that are not finite, and those that a logarithm cannot show, are left out", () => {
  expect(drawable(series("f"))).toEqual([
    [0, 1],
    [2, 100],
  ]);
  expect(drawable(series("f", { logX: true }))).toEqual([[2, 100]]);
});

test("axes have labels with units, and logarithms where the chapter says so", () => {
  const words = { text: ({ en }: { en: string }) => en, number: String };
  const options = plotOptions(Plot, { key: "f", series: [series("f", { logY: true })] }, 400, words);
  expect(options.y).toMatchObject({ type: "log" });
  expect(axisLabel(text("size"), "px", words)).toBe("size (px)");
  expect(axisLabel(text("size"), "", words)).toBe("size");
  expect(options.x).toMatchObject({ label: "depth" });
});

test("colours go round", () => {
  expect([colorAt(0), colorAt(5), colorAt(6)]).toEqual([
    "var(--series-1)",
    "var(--series-6)",
    "var(--series-1)",
  ]);
});
