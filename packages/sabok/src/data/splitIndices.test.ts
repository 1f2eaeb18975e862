import { describe, expect, it } from "vitest";
import { splitIndices } from "./splitIndices.ts";

const labels = Uint16Array.from({ length: 1000 }, (_, i) => (i % 10 < 7 ? 0 : 1)); // 700 and 300

describe("splitIndices", () => {
  it("divides every image once and keeps the proportions of the classes", () => {
    const { train, validation, test } = splitIndices(labels, 1, { validation: 0.1, test: 0.2 });
    const all = [...train, ...validation, ...test].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    const zeros = (part: Uint32Array) => part.filter((index) => labels[index] === 0).length;
    expect([train, validation, test].map((part) => [zeros(part), part.length - zeros(part)])).toEqual([
      [490, 210],
      [70, 30],
      [140, 60],
    ]);
    for (const part of [train, validation, test]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
  });

  it("is a function of the seed", () => {
    const split = (seed: number) => splitIndices(labels, seed, { validation: 0.1, test: 0.2 });
    expect(split(5)).toEqual(split(5));
    expect(split(5).test).not.toEqual(split(6).test);
  });

  it("gives small classes to test and validation before they are rounded away", () => {
    const sizes = (count: number) => {
      const { train, validation, test } = splitIndices(new Uint16Array(count), 1, {
        validation: 0.1,
        test: 0.1,
      });
      return [train.length, validation.length, test.length];
    };
    expect(sizes(1)).toEqual([1, 0, 0]);
    expect(sizes(2)).toEqual([1, 0, 1]);
    expect(sizes(3)).toEqual([1, 1, 1]);
    expect(sizes(4)).toEqual([2, 1, 1]);
  });

  it("makes no split whose fraction is 0 and refuses impossible fractions", () => {
    expect(splitIndices(labels, 1, { validation: 0, test: 0 }).train.length).toBe(1000);
    for (const validation of [-0.1, 0.9, Number.NaN])
      expect(() => splitIndices(labels, 1, { validation, test: 0.1 })).toThrow(/^splits: got/);
  });
});
