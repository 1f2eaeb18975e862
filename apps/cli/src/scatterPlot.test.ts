import { expect, test } from "vitest";
import { scatterPlot } from "./scatterPlot.ts";

test("later marks stand over earlier ones, and y begins at 0", () => {
  const lines = scatterPlot({
    xLabel: "x",
    yLabel: "cost",
    width: 15,
    height: 5,
    formatY: String,
    marks: [
      {
        symbol: "·",
        points: [
          [1, 10],
          [5, 5],
          [9, 0],
        ],
      },
      { symbol: "o", points: [[5, 5]] },
    ],
  });
  expect(lines).toEqual([
    "    cost",
    "10 ┤·",
    "   │",
    " 5 ┤     o",
    "   │",
    " 0 ┤          ·",
    "   └───────────",
    "    1    x    9",
  ]);
});

test("a single point stands in the middle", () => {
  const lines = scatterPlot({
    xLabel: "x",
    yLabel: "y",
    width: 12,
    height: 3,
    formatY: String,
    marks: [{ symbol: "@", points: [[7, 4]] }],
  });
  expect(lines[1]).toBe("4 ┤    @");
  expect(lines.at(-1)!.trim()).toBe("x 7");
});
