import { expect, test } from "vitest";
import { kernelText, presetKernel, presetNames, presetOf, readKernel, resizedKernel } from "./kernels.ts";

test("presets: Sobel, a blur that sums to 1, an identity that is centred at every odd size", () => {
  expect(presetKernel("sobelX", 3)).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
  expect(presetKernel("blur", 3)).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16));
  for (const size of [1, 2, 3, 4, 5])
    expect(presetKernel("blur", size).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(presetKernel("identity", 5).indexOf(1)).toBe(12);
  expect(presetKernel("identity", 1)).toEqual([1]);
});

test.each([1, 2, 3, 4, 5])("text and kernel: each the other's inverse at size %i", (size) => {
  for (const name of presetNames) {
    const kernel = presetKernel(name, size);
    expect(readKernel(kernelText(kernel, size), size)).toEqual(kernel);
    expect(presetOf(kernel, size)).toBeDefined();
  }
  const own = Array.from({ length: size ** 2 }, (_, at) => at / 4 - 1.25);
  expect(readKernel(kernelText(own, size), size)).toEqual(own);
});

test("a text that is no kernel is refused", () => {
  for (const text of ["", "1,2", "1,2,3,4,5,6,7,8,x", "1,2,3,4,5,6,7,8,", "1,2,3,4,5,6,7,8,1e9", "sobel"])
    expect(readKernel(text, 3)).toBeUndefined();
});

test("another size keeps the middle", () => {
  expect(resizedKernel([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 1)).toEqual([5]);
  expect(resizedKernel([5], 1, 3)).toEqual([0, 0, 0, 0, 5, 0, 0, 0, 0]);
  expect(resizedKernel(resizedKernel([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 5), 5, 3)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
});
