// Exported graphs run in ONNX Runtime give what the float64 reference gives.
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { opTable } from "../ops/index.ts";
import { exportRuleOf } from "./exportRules.ts";
import { relativeError, runOnnx, sampleModel } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

const exported = Object.values(opTable).filter((spec) => typeof exportRuleOf(spec.name) !== "object");

describe("every operator that ONNX has, over its own samples", () => {
  for (const spec of exported)
    test(spec.name, async () => {
      const { graph, feeds, weights } = sampleModel(spec, [...spec.samples()]);
      const expected = interpret(graph, feeds).outputs;
      const actual = await runOnnx(toOnnx(graph, weights, { batch: "fixed" }), feeds);
      for (const [name, output] of Object.entries(expected)) expect(`${name} ${relativeError(actual[name]!, output) < 1e-4}`).toBe(`${name} true`);
    });
});
