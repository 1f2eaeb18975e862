import { expect, test } from "vitest";
import type { JobContext } from "../../engine/job.ts";
import { convolveLinks } from "../../engine/jobs/convolve.ts";
import {
  axesOf,
  litBy,
  productsAt,
  productsOf,
  pointedText,
  readPointed,
  symbolOf,
  views,
  windowAt,
} from "./links.ts";

const context: JobContext<never> = {
  signal: new AbortController().signal,
  progress: () => {},
  transfer: () => {},
  breathe: async () => {},
};

const geometry = {
  operation: "convolution",
  height: 6,
  width: 6,
  kernel: 3,
  stride: 1,
  dilation: 1,
  padding: 0,
  outputPadding: 0,
} as const;

async function products(change: Partial<Parameters<typeof convolveLinks>[0]> = {}) {
  const given = { ...geometry, ...change };
  return productsOf((await convolveLinks(given, context)).weightOf, given.height * given.width);
}

test("6x6, kernel 3, no padding: 16 outputs of 9 products", async () => {
  const all = await products();
  expect(all).toHaveLength(144);
  expect(all[0]).toEqual({ y: 0, w: 0, x: 0 });
  expect(all.at(-1)).toEqual({ y: 15, w: 8, x: 35 });
});

test("pointing at an output lights its window, at an input the outputs that read it, at a weight all outputs", async () => {
  const all = await products();
  const window = litBy(productsAt(all, { kind: "y", at: 5 }));
  expect([...window.x]).toEqual([7, 8, 9, 13, 14, 15, 19, 20, 21]);
  expect(window.w.size).toBe(9);
  const corner = litBy(productsAt(all, { kind: "x", at: 0 }));
  expect([...corner.y]).toEqual([0]);
  expect([...corner.w]).toEqual([0]);
  expect(litBy(productsAt(all, { kind: "w", at: 4 })).y.size).toBe(16);
  expect(litBy(productsAt(all, { y: 5, w: 4, x: 14 }))).toEqual({
    y: new Set([5]),
    w: new Set([4]),
    x: new Set([14]),
  });
  expect(productsAt(all, undefined)).toEqual([]);
});

test("in every view a place of the matrix holds one product at most", async () => {
  const all = await products({ stride: 2, dilation: 2, padding: 2 });
  for (const view of views) {
    const { rows, columns } = axesOf[view];
    expect(new Set(all.map((product) => `${product[rows]},${product[columns]}`)).size).toBe(all.length);
  }
});

test("the window is where the products of an output lie", async () => {
  const rule = { stride: 2, dilation: 2, padding: 1 };
  const all = await products(rule);
  const { start, span } = windowAt(1, { ...rule, kernel: 3 });
  expect([start, span]).toEqual([1, 5]);
  // Output (1,1) of 2x2: rows and columns 1, 3, 5.
  expect([...litBy(productsAt(all, { kind: "y", at: 3 })).x]).toEqual([7, 9, 11, 19, 21, 23, 31, 33, 35]);
});

test("symbols count from 1, row first", () => {
  expect(symbolOf("x", 7, 6)).toBe("x₂₂");
  expect(symbolOf("w", 5, 3)).toBe("w₂₃");
  expect(symbolOf("y", 131, 12)).toBe("y₁₁‚₁₂");
});

test("what is pointed at goes into the URL and comes back; anything else points at nothing", () => {
  for (const text of ["y5", "x0", "w24", "y5w4x14"]) expect(pointedText(readPointed(text)!)).toBe(text);
  for (const text of ["", "z3", "y", "y-1", "y5w4", "5"]) expect(readPointed(text)).toBeUndefined();
});
