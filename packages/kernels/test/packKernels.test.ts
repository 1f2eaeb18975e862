// Both builds of a module come out of the packed stream byte for byte, and so do two modules that share little.
import { expect, test } from "vitest";
import { kernels as inferenceKernels } from "@sabok/kernels";
import { kernels as trainingKernels } from "@sabok/kernels/training";
import { packKernels } from "../packKernels.mjs";
import { unpackKernels } from "../unpackKernels.mjs";

const inference = await unpackKernels(inferenceKernels);
const training = await unpackKernels(trainingKernels);

test.each([
  ["the two builds", inference.simd, inference.relaxed],
  ["a module and itself", training.simd, training.simd],
  ["two modules of different functions", training.relaxed, inference.simd],
])("%s", async (_, simd, relaxed) => {
  expect(await unpackKernels(packKernels(simd, relaxed))).toEqual({ simd, relaxed });
});

test("what both builds have stands in the stream once", () => {
  const { lengths } = packKernels(training.simd, training.simd);
  expect(lengths).toEqual([training.simd.length, 0, 0]);
  const stream = inferenceKernels.lengths.reduce((sum, length) => sum + length, 0);
  expect(stream).toBeLessThan(0.75 * (inference.simd.length + inference.relaxed.length));
});
