import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration, formatPercent, wrap } from "./format.ts";

test("numbers for people", () => {
  expect([0, 999, 1000, 3504872, 999_900, 1_814_073_344].map(formatCount)).toEqual([
    "0",
    "999",
    "1k",
    "3.5M",
    "1M",
    "1.81G",
  ]);
  expect([0.8864, NaN].map((share) => formatPercent(share))).toEqual(["88.6 %", "–"]);
  expect([7.4, 185, 3723, Infinity].map(formatDuration)).toEqual(["0:07", "3:05", "1:02:03", "–"]);
  expect([12, 1000, 1024, 55_000, 1_400_000].map(formatBytes)).toEqual([
    "12 B",
    "1000 B",
    "1 KiB",
    "54 KiB",
    "1.3 MiB",
  ]);
});

test("text is broken between words; a word that is too long stands alone", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("a incomprehensible b", 8)).toEqual(["a", "incomprehensible", "b"]);
});
