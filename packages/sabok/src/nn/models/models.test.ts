import { describe, expect, test } from "vitest";
import { countMacs, countParameters } from "../../analysis/index.ts";
import { shapeOf, type Graph } from "../../graph/index.ts";
import {
  mobilenetFamily,
  mobilenetFamilyBlocks,
  mobilenetV2,
  mobilenetV3Large,
  mobilenetV3Small,
  models,
  namedNetwork,
  resnet18,
  roundChannels,
} from "./index.ts";

describe("exact counts at 224x224, 1000 classes", () => {
  test.each([
    ["mobilenet_v1", 4_231_976, 568_740_352],
    ["mobilenet_v2", 3_504_872, 300_774_272],
    ["mobilenet_v3_large", 5_483_032, 216_589_760],
    ["mobilenet_v3_small", 2_542_856, 56_510_400],
    ["mobilenet_v3_large_minimal", 3_924_288, 209_136_704],
    ["mobilenet_v3_small_minimal", 2_044_736, 52_288_448],
    ["resnet18", 11_689_512, 1_814_073_344],
    ["resnet50", 25_557_032, 4_089_184_256],
    ["preact_resnet18", 11_687_720, 1_814_073_344],
  ])("%s", (name, parameters, macs) => {
    const { graph } = namedNetwork(name);
    expect(countParameters(graph)).toBe(parameters);
    expect(countMacs(graph)).toBe(macs);
  });

  test("every model of the list is counted above", () => {
    expect(models).toHaveLength(9);
  });
});

describe("other widths", () => {
  test.each([
    // timm's mobilenetv2_050 and _140.
    [() => mobilenetV2({ width: 0.5 }), 1_968_680],
    [() => mobilenetV2({ width: 1.4 }), 6_108_776],
    // torchvision's narrow goldens.
    [() => mobilenetV2({ width: 0.25, classes: 10 }), 250_922],
    [() => mobilenetV3Large({ width: 0.25, classes: 10, widthRule: "torchvision" }), 299_210],
    [() => mobilenetV3Small({ width: 0.25, classes: 10, widthRule: "torchvision" }), 119_842],
  ])("%s has %i parameters", (build, parameters) => {
    expect(countParameters(build().graph)).toBe(parameters);
  });

  test.each([
    [() => mobilenetV3Large({ width: 0.75 }), 3.99],
    [() => mobilenetV3Small({ width: 0.75 }), 2.04],
    [() => mobilenetV3Small({ width: 0.5 }), 1.59],
  ])("%s has %f million, as timm's table of results says", (build, millions) => {
    expect(countParameters(build().graph) / 1e6).toBeCloseTo(millions, 2);
  });

  test("roundChannels never falls below 90 %", () => {
    expect([1, 8, 11, 12, 17.6, 20, 24 * 0.35, 960 * 0.35].map(roundChannels)).toEqual([
      8, 8, 16, 16, 16, 24, 8, 336,
    ]);
  });

  test("a width that is no number above 0 is refused", () => {
    expect(() => mobilenetV2({ width: 0 })).toThrow(/width is 0, expected a number above 0/);
    expect(() => mobilenetV3Small({ classes: 1.5 })).toThrow(/classes is 1.5/);
  });
});

describe("any input", () => {
  const inputs = [
    [1, 28, 28],
    [3, 32, 32],
    [2, 9, 17],
    [3, 96, 64],
  ] as const;

  test.each(models.map(({ name }) => name))("%s builds for small images, as published and fitted", (name) => {
    for (const input of inputs)
      for (const strides of ["published", "fitted"] as const) {
        const { graph } = namedNetwork(name, { input, classes: 7, strides });
        expect(shapeOf(graph.outputs["logits"]!)).toEqual([2, 7]);
      }
  });

  test("fitted strides end on a map of at least 4, the earliest strides gone first", () => {
    expect(lastMapOf(mobilenetV2({ input: [3, 32, 32], strides: "fitted" }).graph)).toEqual([4, 4]);
    expect(lastMapOf(mobilenetV2({ input: [1, 28, 28], strides: "fitted" }).graph)).toEqual([4, 4]);
    expect(lastMapOf(mobilenetV2({ input: [3, 32, 32] }).graph)).toEqual([1, 1]);
    const strides = (graph: Graph): unknown[] =>
      graph.values
        .filter((value) => value.op === "conv2d")
        .map(({ attrs }) => (attrs["stride"] as number[])[0]);
    expect(strides(mobilenetV2({ input: [3, 32, 32], strides: "fitted" }).graph).slice(0, 6)).toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
    expect(strides(mobilenetV2({ input: [3, 32, 32], strides: "fitted", stemStride: 2 }).graph)[0]).toBe(2);
  });

  test("a resnet whose stem does not shrink the map has a 3x3 stem and no pooling", () => {
    const { graph } = resnet18({ input: [3, 32, 32], classes: 10, strides: "fitted" });
    expect(shapeOf(graph.values.find((value) => value.name === "conv1.weight")!)).toEqual([64, 3, 3, 3]);
    expect(graph.values.some((value) => value.op === "maxPool2d")).toBe(false);
    expect(lastMapOf(graph)).toEqual([4, 4]);
  });
});

describe("names", () => {
  test("a misspelt model gets the nearest name", () => {
    expect(() => namedNetwork("mobilenet-v2x")).toThrow(
      /no model named "mobilenet-v2x". Did you mean mobilenet_v2 or mobilenet_v1\?/,
    );
    expect(() => namedNetwork("vgg")).toThrow(/The models are mobilenet_v1, /);
  });

  test("a block string is a name too, and its mistakes are its own", () => {
    expect(
      countParameters(namedNetwork("ds_c16, ir_s2_e4_c24", { input: [1, 28, 28], classes: 10 }).graph),
    ).toBeGreaterThan(0);
    expect(() => namedNetwork("ir_r3_q5")).toThrow(/Block string, column 7/);
  });

  test("a width for a network without one is refused", () => {
    expect(() => namedNetwork("resnet18", { width: 0.5 })).toThrow(/resnet18 has no width/);
  });
});

describe("the mobile family", () => {
  test("the member of width and depth 1 for 28x28", () => {
    expect(mobilenetFamilyBlocks({ input: [1, 28, 28] })).toBe(
      "stem_k3_s1_c16_nhs ds_r1_k3_s1_c16_nre ir_r2_k3_s2_e4_c24_nre ir_r3_k5_s2_e4_c40_se0.25_nhs ir_r4_k5_s2_e6_c80_se0.25_nhs cn_r1_k1_s1_c480_nhs",
    );
  });

  test.each([
    [8, 1, 1],
    [16, 1, 4],
    [28, 1, 4],
    [32, 1, 4],
    [64, 2, 4],
    [96, 2, 6],
    [224, 2, 7],
  ])("%i pixels: a stem of stride %i and a last map of %i at least", (size, stemStride, last) => {
    const { graph } = mobilenetFamily({ input: [3, size, size], classes: 10 });
    expect(mobilenetFamilyBlocks({ input: [3, size, size] })).toMatch(new RegExp(`^stem_k3_s${stemStride}_`));
    expect(lastMapOf(graph)[0]).toBeGreaterThanOrEqual(last);
  });

  test("MACs never fall with the width or the depth", () => {
    let before = 0;
    for (let width = 0.2; width < 3; width += 0.1) {
      const macs = countMacs(mobilenetFamily({ input: [1, 28, 28], classes: 10, width, depth: width }).graph);
      expect(macs).toBeGreaterThanOrEqual(before);
      before = macs;
    }
  });

  test("a depth that is no number above 0 is refused", () => {
    expect(() => mobilenetFamily({ depth: Number.NaN })).toThrow(/depth is NaN/);
  });
});

/** [H, W] of the map that the last global pooling averages. */
function lastMapOf(graph: Graph): readonly number[] {
  const pool = graph.values.findLast((value) => value.op === "globalAveragePool")!;
  return shapeOf(pool.inputs[0]!).slice(2);
}
