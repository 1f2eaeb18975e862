import { expect, test } from "vitest";
import { Random } from "../core/index.ts";
import * as information from "./information.ts";

const { asSamples, correlatedPairs, gaussianInformation, nearestNeighbourInformation } = information;

test("digamma against known values", () => {
  expect(information.digamma(1)).toBeCloseTo(-0.5772156649015329, 10);
  expect(information.digamma(0.5)).toBeCloseTo(-1.9635100260214235, 10);
  expect(information.digamma(10)).toBeCloseTo(2.251752589066721, 10);
});

test.each([0.5, 0.9])("two normal numbers with correlation %d", (correlation) => {
  const { x, y } = correlatedPairs(new Random(5), correlation, 1500);
  const found = nearestNeighbourInformation(asSamples(x), asSamples(y));
  expect(Math.abs(found - gaussianInformation(correlation))).toBeLessThan(0.06);
});

test("a label that says all, and one that says nothing", () => {
  const random = new Random(3);
  const labels = Array.from({ length: 800 }, (_, i) => i % 2);
  const apart = labels.map((label) => [10 * label + random.normal()]);
  expect(Math.abs(information.labelInformation(apart, labels) - Math.LN2)).toBeLessThan(0.02);
  const alike = labels.map(() => [random.normal()]);
  expect(Math.abs(information.labelInformation(alike, labels))).toBeLessThan(0.06);
});
