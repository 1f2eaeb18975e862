import { describe, expect, test } from "vitest";
import { chapters, type Parameter } from "sabok/study";
import {
  keyOf,
  linkedTrials,
  messageAtField,
  parameterOf,
  sliderOf,
  urlOf,
  valuesFrom,
} from "./parameters.ts";

const label = { en: "", fa: "" };
const mean: Parameter = { kind: "number", name: "mean", label, default: 0, least: -10, most: 10 };
const seed: Parameter = { kind: "number", name: "seed", label, default: 1, least: 0, most: 1e6, whole: true };
const map: Parameter = { kind: "choice", name: "map", label, default: "plane", choices: ["plane", "random"] };
const box: Parameter = { kind: "text", name: "box", label, default: "1,2", example: "3,4" };
const parameters = [mean, seed, map, box];

describe("the URL", () => {
  test("gives numbers, words and texts; defaults and strangers are left out", () => {
    const url = { chapter: "3.1", mean: "2.5", seed: "1", map: "random", box: "", other: "x" };
    expect(valuesFrom(parameters, url)).toEqual({ mean: 2.5, map: "random", box: "" });
  });

  test("a number that does not parse stays as it is, for the chapter to refuse", () => {
    expect(valuesFrom(parameters, { mean: "two" })).toEqual({ mean: "two" });
  });

  test("takes values back, without defaults and without another chapter's keys", () => {
    const url = { chapter: "3.1", alpha: "2", mean: "3" };
    expect(urlOf(parameters, { mean: 4, map: "plane" }, url)).toEqual({ alpha: undefined, mean: "4" });
  });

  test("a round trip keeps every value of every chapter", () => {
    for (const { parameters: own } of chapters) {
      const odd = Object.fromEntries(
        own.map((one) => [
          one.name,
          one.kind === "number" ? one.least : one.kind === "text" ? one.example : one.choices.at(-1)!,
        ]),
      );
      const url = Object.fromEntries(
        Object.entries(urlOf(own, odd, {})).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      );
      expect(Object.keys(url)).not.toContain("chapter");
      expect({
        ...Object.fromEntries(own.map((one) => [one.name, one.default])),
        ...valuesFrom(own, url),
      }).toEqual(odd);
    }
  });

  test("keeps off the room's own keys", () => {
    expect([keyOf("chapter"), keyOf("lang"), keyOf("mean")]).toEqual(["chapter.value", "lang.value", "mean"]);
  });
});

describe("an error's field", () => {
  test.each([
    ['Chapter 1.2, mean: got "99"; expected a number from -10 to 10, for example 0.', "mean"],
    ['box: got "x"; expected 2 entries separated by commas, for example 3,4.', "box"],
    ['Chapter 1.2 has no parameter "meen"; it has mean.', undefined],
    ["Something else: entirely", undefined],
  ])("%s", (message, name) => expect(parameterOf(message, parameters)).toBe(name));

  test("the message at the field does not repeat its name", () => {
    expect(messageAtField('Chapter 1.2, mean: got "99"; expected less')).toBe('Got "99"; expected less');
  });

  test("every chapter's refusal of a number finds its field", async () => {
    for (const chapter of chapters) {
      const first = chapter.parameters.find(({ kind }) => kind === "number");
      if (first?.kind !== "number") continue;
      const refused = await chapter.run({ [first.name]: first.most + 1 }).then(
        () => "",
        (error: Error) => error.message,
      );
      expect(parameterOf(refused, chapter.parameters), chapter.id).toBe(first.name);
    }
  });
});

describe("sliders", () => {
  test("short ranges go evenly, whole ones by ones", () => {
    const even = sliderOf({ kind: "number", name: "n", label, default: 3, least: 1, most: 16, whole: true });
    expect([even.min, even.max, even.step, even.toValue(7)]).toEqual([1, 16, 1, 7]);
    expect(sliderOf(mean as Extract<Parameter, { kind: "number" }>).step).toBe(0.1);
  });

  test("long ranges go by the logarithm, ends included", () => {
    const long = sliderOf({ kind: "number", name: "n", label, default: 1, least: 1e-6, most: 1 });
    expect([long.toValue(0), long.toValue(200), long.toValue(100)]).toEqual([1e-6, 1, 0.001]);
    expect(long.toPosition(0.001)).toBeCloseTo(100, 9);
  });

  test("every default of every chapter can be reached to three digits", () => {
    for (const { id, parameters: own } of chapters)
      for (const one of own) {
        if (one.kind !== "number") continue;
        const scale = sliderOf(one);
        const position = scale.toPosition(one.default);
        expect(position, `${id} ${one.name}`).toBeGreaterThanOrEqual(scale.min - 1e-9);
        expect(position, `${id} ${one.name}`).toBeLessThanOrEqual(scale.max + 1e-9);
      }
  });
});

describe("trials in the text", () => {
  const href = (values: object): string => `#${JSON.stringify(values)}`;

  test("become links that set the parameters", () => {
    expect(linkedTrials("- `--mean 8 --map random`: look", parameters, href)).toBe(
      '- [`--mean 8 --map random`](#{"mean":"8","map":"random"}): look',
    );
  });

  test("other code, and flags that are not the chapter's, stay", () => {
    const text = "`x` and `--lang fa` and `--mean`";
    expect(linkedTrials(text, parameters, href)).toBe(text);
  });

  test("every trial of every chapter is one the chapter takes", () => {
    let links = 0;
    for (const { text, parameters: own } of chapters)
      for (const markdown of Object.values(text))
        links += [...linkedTrials(markdown, own, href).matchAll(/\]\(#/g)].length;
    expect(links).toBeGreaterThan(80);
  });
});
