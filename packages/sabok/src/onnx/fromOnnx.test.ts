// What was exported comes back: the same graph where ONNX has the operator, the same numbers everywhere.
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { verifyGraph } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import { exportRuleOf } from "./exportRules.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { outline, relativeError, sampleModel } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

const exported = Object.values(opTable).filter((spec) => typeof exportRuleOf(spec.name) !== "object");

/** How many of an operator's samples come back in other words, and in which. */
const inOtherWords: Readonly<Record<string, readonly [samples: number, words: string]>> = {
  fusedConv2d: [24, "conv2d, biasAdd and the activation"],
  fusedLinear: [21, "linear, biasAdd and the activation"],
  batchNorm: [17, "those with an activation: batchNorm and the activation"],
  linear: [1, "a vector times a matrix: matmul between reshapes"],
  channelSum: [22, "sum"],
  batchMean: [22, "mean"],
  batchVariance: [20, "mean, sub and power"],
  sumTo: [23, "sum and reshape"],
  crossEntropy: [21, "its expansion"],
  flatten: [9, "those from another axis than 1: reshape"],
  slice: [3, "the whole of x: x"],
  pad: [3, "a scalar, or padding by nothing: x"],
  maxPool2d: [3, "ceilMode without effect or along one axis; padding of a dilated window: pad before it"],
  averagePool2d: [4, "ceilMode without effect or along one axis"],
  remainder: [12, "one rounded down: sub, mul, floor and div"],
  nonMaxSuppression: [7, "more boxes wanted than there are: as many as there are"],
  resize: [1, "alignCorners with a scale, which it does not use: without"],
};

describe("a round trip over every operator's samples", () => {
  for (const spec of exported)
    test(spec.name, () => {
      const { graph, feeds, weights } = sampleModel(spec, [...spec.samples()], true);
      const once = fromOnnx(toOnnx(graph, weights, { batch: "fixed" }));
      verifyGraph(once.graph, opTable, "fromOnnx");
      const expected = interpret(graph, feeds, weights).outputs;
      const actual = interpret(once.graph, feeds, once.weights).outputs;
      for (const [name, output] of Object.entries(expected))
        expect(relativeError(actual[name]!, output)).toBeLessThan(1e-6);
      const twice = fromOnnx(toOnnx(once.graph, once.weights, { batch: "fixed" }));
      const outlines = [graph, once.graph, twice.graph].map((each) =>
        Object.values(each.outputs).map(outline),
      );
      const [before, after, again] = outlines as [string[], string[], string[]];
      expect(again).toEqual(after);
      const different = before.filter((lines, i) => lines !== after[i]);
      expect(different).toHaveLength(inOtherWords[spec.name]?.[0] ?? 0);
    });
});
