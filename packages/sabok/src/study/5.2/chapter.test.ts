import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) =>
  (await chapter.run(values)).results as Record<string, number & number[]>;
const close = (got: readonly number[], expected: readonly number[]): void =>
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 6));

test("TV-5a: singular values and first rows of the three forms", async () => {
  const found = await of({});
  close(found["singularValuesNone"]!, [0.292962, 0.192483, 0.096399]);
  close(found["singularValuesInside"]!, [1.08068, 0.854183, 0.62217]);
  close(found["singularValuesOutside"]!, [1.273176, 1.112728, 0.837255]);
  close(found["firstRowNone"]!, [0.208804, -0.182125, -0.052929]);
  close(found["firstRowInside"]!, [0.885263, -0.133978, -0.038936]);
});

test.each(["none", "relu", "tanh", "sigmoid"])(
  "the formulas agree with reverse mode: %s",
  async (activation) => {
    const found = await of({ activation });
    expect(found["formulaDifference"]).toBeLessThan(1e-15);
  },
);

test("the slopes belong at z + a: at z the Jacobian is wrong, except where nothing bends", async () => {
  expect((await of({}))["slopesAtWrongPlace"]).toBeGreaterThan(0.1);
  expect((await of({ activation: "none" }))["slopesAtWrongPlace"]).toBe(0);
});

test("no lower bound of one: 1 + w²w¹ = 0", async () => {
  expect((await of({}))["cancelledDerivative"]).toBe(0);
});

test("a saturated tanh: inside, the skip is lost; outside, the identity stays", async () => {
  const found = await of({ a: "30,-30,30" });
  expect(found["singularValuesInside"]![0]).toBeLessThan(1e-9);
  expect(found["singularValuesOutside"]![0]).toBeCloseTo(1, 2);
});

test("one unit, and shapes that do not fit", async () => {
  const found = await of({ a: "2", w1: "1", w2: "-1", b1: "0", b2: "0", activation: "none" });
  expect(found["singularValuesOutside"]).toEqual([0]);
  await expect(chapter.run({ b2: "1,2" })).rejects.toThrow(/b2: got 2; expected 3 numbers/);
  await expect(chapter.run({ activation: "gelu" })).rejects.toThrow(
    /expected one of none, relu, tanh, sigmoid/,
  );
});
