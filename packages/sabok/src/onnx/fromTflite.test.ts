// TFLite models written from the published schema, against the numbers PyTorch gives for them (tools/golden/tflite.py).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import type { Tensor } from "../core/index.ts";
import { toInference } from "../passes/index.ts";
import { writeTflite, type TfliteRecord } from "../../../../tools/golden/writeTflite.mjs";
import { fromOnnx } from "./fromOnnx.ts";
import { fromTflite } from "./fromTflite.ts";
import { relativeError } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

interface Case {
  readonly name: string;
  readonly model: TfliteRecord;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly expected: Readonly<Record<string, Tensor>>;
}

const folder = new URL("../../golden/tflite/", import.meta.url);
const cases = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8")) as readonly Case[];
const fileOf = (name: string): Uint8Array => readFileSync(new URL(`${name}.tflite`, folder));

for (const { name, feeds, expected } of cases)
  describe(name, () => {
    const { graph, weights } = fromTflite(fileOf(name));
    const results = interpret(graph, feeds, weights).outputs;
    for (const [output, tensor] of Object.entries(expected))
      test(output, () => {
        expect(results[output]!.shape).toEqual(tensor.shape);
        expect(relativeError(results[output]!, tensor)).toBeLessThan(1e-6);
      });
    test("comes back from ONNX with the same numbers", () => {
      const model = toOnnx(toInference(graph), weights, { batch: "fixed" });
      const back = fromOnnx(model);
      const again = interpret(back.graph, feeds, back.weights).outputs;
      for (const output of Object.keys(expected))
        expect(`${output} ${relativeError(again[output]!, results[output]!) < 1e-5}`).toBe(`${output} true`);
    });
  });

test("the committed files are what the descriptions say", () => {
  for (const { name, model } of cases)
    expect(Buffer.from(writeTflite(model))).toEqual(Buffer.from(fileOf(name)));
});

test("shape arithmetic falls away, and weights in float16 are parameters under their own name", () => {
  const { graph, weights } = fromTflite(fileOf("folding"), { outputs: ["logits"] });
  const ops = graph.values.map(({ op }) => op);
  expect(ops).toEqual(["input", "transpose", "reshape", "parameter", "linear", "relu"]);
  expect([...weights.keys()]).toEqual(["half"]);
});

test("a model quantised throughout is a plain float network", () => {
  const { graph, weights, metadata } = fromTflite(fileOf("quantised"));
  expect(new Set(graph.values.map(({ op }) => op))).toEqual(
    new Set(["input", "parameter", "conv2d", "biasAdd", "relu6", "add", "mean", "linear", "softmax"]),
  );
  // One scale a channel: scale · stored.
  const { tensors } = cases.find(({ name }) => name === "quantised")!.model;
  const stored = tensors.find(({ name }) => name === "conv")!;
  const at = (o: number, h: number, w: number, c: number) => ((o * 3 + h) * 3 + w) * 3 + c;
  expect(weights.get("conv")!.data[((2 * 3 + 1) * 3 + 0) * 3 + 2]).toBe(
    Math.fround(Math.fround(0.005) * stored.data![at(2, 0, 2, 1)]!),
  );
  // (pixel/255 − mean)/std is scale · (pixel − zero) = (pixel − 128)/128.
  const [mean, std] = [metadata.mean![0]!, metadata.std![0]!];
  expect((200 / 255 - mean) / std).toBeCloseTo((200 - 128) / 128, 12);
});

test("a part between two tensors", () => {
  const { graph } = fromTflite(fileOf("quantised"), {
    inputs: { "conv out": [2, 5, 6, 4] },
    outputs: ["depthwise out"],
  });
  expect(graph.values.map(({ op }) => op)).toEqual([
    "input",
    "parameter",
    "conv2d",
    "parameter",
    "biasAdd",
    "relu6",
  ]);
  expect(graph.outputs["depthwise out"]!.type.shape).toEqual([2, 4, 5, 6]);
});
