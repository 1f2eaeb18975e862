// The whole analysis of published networks, its JSON and its refusals.
import { describe, expect, test } from "vitest";
import { ShapeError } from "../core/index.ts";
import type { Value } from "../graph/index.ts";
import { add, conv2d, globalAvgPool, linear, network, relu, roiPool } from "../nn/index.ts";
import { namedNetwork } from "../nn/models/index.ts";
import { planGraph } from "../runtime/index.ts";
import { trainingGraph } from "../train/index.ts";
import { inferenceMemory, trainingMemory } from "./activationMemory.ts";
import { analysisDocument } from "./analysisDocument.ts";
import { analyze } from "./analyze.ts";
import { elementOperations } from "./elementOperations.ts";
import { predictedTime, rooflineTime } from "./roofline.ts";

describe("the document", () => {
  test("of MobileNetV2 has the documented keys and numbers", () => {
    const document = analysisDocument(analyze(namedNetwork("mobilenet_v2"), { model: "mobilenet_v2" }));
    expect(Object.keys(document)).toEqual([
      "model",
      "input",
      "params",
      "macs",
      "flops",
      "complete",
      "activationPeakBytes",
      "receptiveField",
      "layers",
      "lint",
      "activationLowerBoundBytes",
      "batch",
      "elementOperations",
      "uncounted",
      "time",
    ]);
    expect(document).toMatchObject({
      model: "mobilenet_v2",
      input: [3, 224, 224],
      params: 3_504_872,
      macs: 300_774_272,
      flops: 601_548_544,
      complete: true,
      receptiveField: {
        size: [491, 491],
        stride: [32, 32],
        offset: [-245, -245],
        relative: { h: 491 / 224, w: 491 / 224, area: 1 },
        local: [491, 491],
        coverage: 1,
        effectiveStd: null,
        padding: [245, 245, 214, 214],
        at: "features.18",
      },
    });
    expect(Object.keys(document.receptiveField)).toEqual([
      "size",
      "stride",
      "offset",
      "relative",
      "local",
      "coverage",
      "effectiveStd",
      "padding",
      "at",
    ]);
    expect(Object.keys(document.layers[0]!)).toEqual([
      "name",
      "op",
      "output",
      "params",
      "macs",
      "receptiveField",
      "bytes",
      "seconds",
    ]);
    expect(document.layers[0]).toMatchObject({
      name: "features.0.0",
      output: [32, 112, 112],
      macs: 10_838_016,
      receptiveField: { size: [3, 3], stride: [2, 2], offset: [-1, -1] },
    });
    expect(document.layers.reduce((sum, { macs }) => sum + macs, 0)).toBe(document.macs);
    expect(document.layers.reduce((sum, { params }) => sum + params, 0)).toBe(document.params);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test("is global with squeeze-and-excitation, its stride kept", () => {
    const { receptiveField } = analysisDocument(analyze(namedNetwork("mobilenet_v3_large")));
    expect(receptiveField).toMatchObject({ size: "global", stride: [32, 32], relative: { area: 1 } });
  });
});

describe("element operations", () => {
  test("by kind, for one image", () => {
    const { graph } = network({ image: [3, 8, 8] }, ({ image }) => {
      const x = relu(conv2d(image, { out: 4, kernel: 3, padding: 1, bias: true }));
      return linear(globalAvgPool(add(x, x)), { out: 2 });
    });
    expect(elementOperations(graph)).toEqual({
      counted: { bias: 256 + 2, batchNorm: 0, activation: 256, pooling: 256, other: 256 },
      uncounted: [],
    });
  });

  test("what depends on data is said, not counted as nothing", () => {
    const { graph } = network(
      { image: [3, 16, 16], boxes: [5] },
      ({ image, boxes }) => roiPool(image, boxes, { outputSize: 2 }),
      { batch: 1 },
    );
    const analysis = analyze({ graph });
    expect(analysis.complete).toBe(false);
    expect(analysis.uncounted[0]).toMatchObject({
      op: "roiPool",
      reason: expect.stringMatching(/depends on the data/),
    });
  });
});

describe("activation memory", () => {
  test("a training step's arena is that of the training loop, but for what the optimiser adds", () => {
    const { graph } = namedNetwork("mobilenet_v3_small", { input: [3, 64, 64], classes: 10 });
    const optimizer = { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 } as const;
    const step = planGraph(trainingGraph(graph, { batch: 4, optimizer, smoothing: 0, average: false }));
    const { bytes, lowerBound } = trainingMemory(graph, 4);
    expect(bytes / step.arenaBytes).toBeGreaterThan(0.95);
    expect(bytes / step.arenaBytes).toBeLessThan(1.05);
    expect(lowerBound).toBeLessThanOrEqual(bytes);
  });

  test("inference holds at least the largest operand and result of a layer", () => {
    const { bytes, lowerBound } = inferenceMemory(namedNetwork("mobilenet_v1").graph);
    expect(lowerBound).toBeGreaterThanOrEqual(4 * (32 + 64) * 112 * 112);
    expect(bytes).toBeGreaterThanOrEqual(lowerBound);
  });
});

describe("the roofline", () => {
  const peaks = { flops: 20e9, copies: [{ bytes: 1e5, bytesPerSecond: 10e9 }], threads: 1 };
  test("takes the longer of arithmetic and memory", () => {
    expect(rooflineTime(10e9, 1e9, peaks)).toEqual({ seconds: 1, limit: "arithmetic" });
    expect(rooflineTime(1e6, 1e9, peaks)).toEqual({ seconds: 0.1, limit: "memory" });
  });

  test("of a network is the sum over its layers, in the document too", () => {
    const layers = [
      { macs: 10e9, bytes: 1e9 },
      { macs: 1e6, bytes: 1e9 },
    ];
    expect(predictedTime(layers, peaks)).toEqual({
      seconds: 1.1,
      memoryShare: 0.1 / 1.1,
      macsPerByte: 5.0005,
      threads: 1,
      flopsPerSecond: 20e9,
      bytesPerSecond: { most: 10e9, least: 10e9 },
    });
    const analysis = analyze(namedNetwork("mobilenet_v1"));
    const document = analysisDocument(analysis, { peaks });
    expect(document.time).toEqual(predictedTime(analysis.layers, peaks));
    expect(document.layers.reduce((sum, { seconds }) => sum + seconds!, 0)).toBeCloseTo(
      document.time!.seconds,
      12,
    );
  });
});

describe("bad input", () => {
  const valid = (x: Value): Value =>
    conv2d(conv2d(x, { out: 8, kernel: 5, stride: 2, name: "first" }), { out: 8, kernel: 5, name: "second" });
  const net = network({ image: [3, 32, 32] }, ({ image }) => valid(image));

  test("an image too small for a layer names the layer", () => {
    expect(() => analyze(net, { input: [3, 9, 9] })).toThrow(ShapeError);
    expect(() => analyze(net, { input: [3, 9, 9] })).toThrow(
      /conv2d "second".*5x5 window.*does not fit into a map of 3x3/,
    );
  });

  test("channels, layers and graphs without an image", () => {
    expect(() => analyze(net, { input: [1, 32, 32] })).toThrow(
      /takes images of 3 channels, got an input of 1x32x32; give 3x32x32/,
    );
    expect(() => analyze(net, { at: "frist" })).toThrow(/no layer "frist"\. Did you mean first/);
    const { graph } = network({ features: [12] }, ({ features }) => linear(features, { out: 2 }));
    expect(() => analyze({ graph })).toThrow(/needs an input \[N,C,H,W\]; the inputs are features \[2,12\]/);
  });
});
