import { expect, test } from "vitest";
import type { JobContext } from "../../engine/job.ts";
import { convolveLinks } from "../../engine/jobs/convolve.ts";
import { geometryOf, misfitOf, ranges } from "./geometry.ts";

const settings = {
  operation: "convolution",
  kernel: 3,
  stride: 1,
  dilation: 1,
  padding: 0,
  outputPadding: 0,
};
const context: JobContext<never> = {
  signal: new AbortController().signal,
  progress: () => {},
  transfer: () => {},
  breathe: async () => {},
};

test("what a URL says is brought within the ranges", () => {
  expect(geometryOf({ ...settings, kernel: 99, stride: -3, dilation: 1.6, padding: 1e9 }, 6)).toEqual({
    operation: "convolution",
    height: 6,
    width: 6,
    kernel: ranges.kernel[1],
    stride: 1,
    dilation: 2,
    padding: ranges.padding[1],
    outputPadding: 0,
  });
  expect(geometryOf({ ...settings, operation: "nonsense", outputPadding: 3 }, 6).outputPadding).toBe(0);
  expect(
    geometryOf({ ...settings, operation: "transposed", stride: 2, outputPadding: 9 }, 6).outputPadding,
  ).toBe(1);
});

test("a misfit says by how much, and what padding would do", () => {
  expect(misfitOf(geometryOf({ ...settings, kernel: 5, dilation: 2 }, 6))).toEqual({
    kind: "kernelTooLarge",
    span: 9,
    padded: 6,
    leastPadding: 2,
  });
  expect(misfitOf(geometryOf({ ...settings, operation: "transposed", padding: 5 }, 3))).toEqual({
    kind: "allCropped",
    whole: 5,
    mostPadding: 2,
  });
});

test("misfitOf and the operator agree about every setting of a small map", async () => {
  let [fits, fails] = [0, 0];
  for (const operation of ["convolution", "transposed"])
    for (const kernel of [1, 3, 5])
      for (const stride of [1, 3])
        for (const dilation of [1, 3])
          for (const padding of [0, 2, 5])
            for (const outputPadding of [0, 2]) {
              const geometry = geometryOf({ operation, kernel, stride, dilation, padding, outputPadding }, 3);
              const found = await convolveLinks(geometry, context).then(
                () => true,
                () => false,
              );
              expect(found, JSON.stringify(geometry)).toBe(misfitOf(geometry) === undefined);
              if (found) fits++;
              else fails++;
            }
  expect(fits).toBeGreaterThan(50);
  expect(fails).toBeGreaterThan(10);
});
