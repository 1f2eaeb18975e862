import { expect, test } from "vitest";
import { mapNames, smallMap } from "./smallMaps.ts";

test("the plane is 10i + j, the bent one (i² + j³) mod 7, the spot one pixel", () => {
  expect([...smallMap("plane", 2, 3)]).toEqual([0, 1, 2, 10, 11, 12]);
  expect(smallMap("bent", 10)[4 * 10 + 6]).toBe((16 + 216) % 7);
  expect([...smallMap("spot", 3)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
  for (const name of mapNames) expect(smallMap(name, 6)).toHaveLength(36);
});

test("the steps are dark above the diagonal that falls to the left and bright below it", () => {
  expect([...smallMap("steps", 3)]).toEqual([1, 1, 1, 1, 1, 9, 1, 9, 9]);
});
