import { expect, test } from "vitest";
import { number, numberList, readParameters, tupleList } from "./parameters.ts";

const label = { en: "factor", fa: "ضریب" };
const parameters = [{ name: "alpha", ...number({ label, default: 2, least: -10, most: 10 }) }];

test("defaults, numbers out of text, and the Unicode minus", () => {
  expect(readParameters("9.9", parameters, {})).toEqual({ alpha: 2 });
  expect(readParameters("9.9", parameters, { alpha: " -3.5 " })).toEqual({ alpha: -3.5 });
  expect(readParameters("9.9", parameters, { alpha: "−3" })).toEqual({ alpha: -3 });
});

test("unknown names and values out of range", () => {
  expect(() => readParameters("9.9", parameters, { alhpa: 1 })).toThrow(
    /no parameter "alhpa"; it has alpha\. Did you mean alpha\?/,
  );
  for (const bad of ["", "x", "11", "NaN", "Infinity"])
    expect(() => readParameters("9.9", parameters, { alpha: bad })).toThrow(
      /alpha: got .*; expected a number from -10 to 10, for example 2/,
    );
});

test("lists", () => {
  const source = (value: string) => ({ name: "layers", value, example: "3x1x1,3x2x1" });
  expect(tupleList(source("3x1x1, 5x2x1"), 3)).toEqual([
    [3, 1, 1],
    [5, 2, 1],
  ]);
  expect(numberList(source("1,-2,0.5"))).toEqual([1, -2, 0.5]);
  expect(() => tupleList(source("3x1"), 3, { least: 1, whole: true })).toThrow(
    /layers: got "3x1"; expected 1 or more entries separated by commas, 3 numbers joined by x .* for example 3x1x1,3x2x1/,
  );
  expect(() => numberList(source("1,2,3"), { longest: 2 })).toThrow(/1 to 2 entries/);
});
