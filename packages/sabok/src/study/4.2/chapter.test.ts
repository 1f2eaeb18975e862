import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) => (await chapter.run(values)).results;

test("TV-4.2: dx, dw and db", async () => {
  const found = await of({});
  expect(found["dx"]).toEqual([1, 3, 1.5, 7]);
  expect(found["dw"]).toEqual([4.5, 7, 7]);
  expect(found["db"]).toBe(2.5);
});

test("TV-4.2 in symbols: a weight meets all outputs, an input its neighbours", async () => {
  const { symbolic } = await chapter.run({});
  const tex = symbolic.map((row) => row.tex);
  expect(tex[0]).toBe(String.raw`\frac{\partial L}{\partial w_{1}} = g_{2}x_{1} + g_{3}x_{2} + g_{4}x_{3}`);
  expect(tex[3]).toBe(String.raw`\frac{\partial L}{\partial x_{1}} = g_{1}w_{2} + g_{2}w_{1}`);
  expect(tex[7]).toBe(String.raw`\frac{\partial L}{\partial b} = g_{1} + g_{2} + g_{3} + g_{4}`);
});

test.each([
  [{ padding: 0, g: "1,-1" }],
  [{ padding: 2, reading: "convolution", w: "1,-4,2" }],
  [{ x: "1,2,-3,4,0.5,6,7", stride: 2, g: "3,1,-2,1" }],
  [{ x: "1,2,-3,4,0.5,6,7,8,9", w: "1,2,5,4", stride: 3, dilation: 2, padding: 5 }],
  [
    {
      x: Array.from({ length: 32 }, (_, i) => i - 9).join(),
      w: Array.from({ length: 16 }, (_, i) => i).join(),
      padding: 16,
      g: "1e5,-3",
    },
  ],
])("reverse mode, the matrices and differences agree: %j", async (values) => {
  const found = await of(values);
  expect(found["matricesAgainstAutodiff"]).toBeLessThan(1e-12);
  expect(found["differencesAgainstAutodiff"]).toBeLessThan(1e-9);
});

test("g is begun again where the output is longer, and cut where it is shorter", async () => {
  expect((await of({ padding: 2 }))["g"]).toEqual([1, -1, 2, 0.5, 1, -1]);
  expect((await of({ padding: 0 }))["g"]).toEqual([1, -1]);
});

test("an empty output is explained, a bad g refused with an example", async () => {
  expect((await chapter.run({ w: "1,2,3,4,5,6,7,8" })).verdict.text.en).toMatch(
    /every derivative of it is zero/,
  );
  await expect(chapter.run({ g: "1;2" })).rejects.toThrow(/g: got "1;2".*for example 1,-1,2,0.5/);
});
