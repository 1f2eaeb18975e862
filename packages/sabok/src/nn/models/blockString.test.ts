import { describe, expect, test } from "vitest";
import { countMacs, countParameters } from "../../analysis/index.ts";
import { statesOf } from "../../graph/index.ts";
import { blockStringNetwork, formatBlockString, mobilenetV3Small, parseBlockString } from "./index.ts";

describe("parseBlockString", () => {
  test("reads every argument, in any order, entries apart by commas, spaces or lines", () => {
    const { stages } = parseBlockString("ds_r1_k3_s1_c16\nir_e6_c40_se0.25_k5_r3_s2_nre, cn_c96_nhs_skip");
    expect(stages).toEqual([
      {
        type: "ds",
        repeat: 1,
        kernel: 3,
        stride: 1,
        expansion: 1,
        channels: 16,
        squeeze: 0,
        activation: undefined,
        skip: undefined,
      },
      {
        type: "ir",
        repeat: 3,
        kernel: 5,
        stride: 2,
        expansion: 6,
        channels: 40,
        squeeze: 0.25,
        activation: "relu",
        skip: undefined,
      },
      {
        type: "cn",
        repeat: 1,
        kernel: 1,
        stride: 1,
        expansion: 1,
        channels: 96,
        squeeze: 0,
        activation: "hardSwish",
        skip: true,
      },
    ]);
  });

  test("reads a stem and a head", () => {
    const { stem, head } = parseBlockString("stem_k5_s2_c24_nr6 ds_c16_noskip head_c128");
    expect(stem).toEqual({ kernel: 5, stride: 2, channels: 24, activation: "relu6" });
    expect(head).toEqual({ hidden: 128, activation: undefined });
  });

  test("what is written is read again", () => {
    const text =
      "stem_k3_s1_c16_nhs ds_r1_k3_s1_c16_nre er_r2_k3_s2_e4_c24 ir_r3_k5_s2_e3.5_c40_se0.25_nsw_noskip cn_r1_k1_s1_c240 head_c64_nre";
    expect(formatBlockString(parseBlockString(text))).toBe(text);
  });

  test.each([
    ["", /column 1: got nothing, expected blocks such as/],
    [
      "xr_r3_c16",
      /column 1: got "xr", expected a block type: cn \(convolution\), .*\n {2}xr_r3_c16\n {2}\^\^$/,
    ],
    [
      "ir_r3_k5_s2_q6_c40",
      /column 13: got "q6", expected r \(repeats\), k .*\n {2}ir_r3_k5_s2_q6_c40\n {14}\^\^$/,
    ],
    [
      "ir_r3_k4_e6_c40",
      /got "4" as kernel size, expected an odd whole number\.\n {2}ir_r3_k4_e6_c40\n {9}\^$/,
    ],
    ["ir_e6_c24_s3", /got "3" as stride, expected 1 or 2/],
    ["ir_r0_e6_c24", /got "0" as repeats, expected a whole number of at least 1/],
    ["ir_e0_c24", /got "0" as expansion, expected a number above 0/],
    ["ir_e6_c24_se2", /got "2" as squeeze ratio/],
    ["ir_e6_c2.5", /got "2.5" as output channels/],
    ["ir_e6_c", /got "c" without a number/],
    [
      "ir_e6",
      /got the end of "ir_e6", expected _c \(output channels\), which ir must have\.\n {2}ir_e6\n {7}\^$/,
    ],
    ["ir_c24", /expected _e \(expansion\), which ir must have/],
    ["ir_e6_c24_c32", /got "c32", expected "c" only once/],
    ["ir_e6_c24_nre_nhs", /got "nhs", expected one activation/],
    ["ir__e6_c24", /column 4: got ""/],
    ["ir_e6_c24_nrx", /got "nrx", expected an activation, .* Did you mean nre\?/],
    ["ir_e6_c24_noskp", /Did you mean noskip\?/],
    ["ds_c16\n  ir_k3_e6_q1_c24", /line 2, column 12: got "q1", .*\n {4}ir_k3_e6_q1_c24\n {13}\^\^$/],
    ["ds_c16_e3", /got expansion 3, expected no expansion in ds/],
    ["cn_c16_se0.25", /got "se0.25", expected r \(repeats\)/],
    ["ds_c16 stem_c8", /got "stem" as entry 2, expected the stem to come first/],
    ["head_c8 ds_c16", /got "head" as entry 1 of 2, expected the head to come last/],
    ["stem_c16", /expected at least one block/],
    ["DS_c16", /got "DS", expected a block type: .* Did you mean ds\?/],
  ])("%j", (text, message) => {
    expect(() => parseBlockString(text)).toThrow(message);
  });
});

describe("blockStringNetwork", () => {
  test("names its parameters as torchvision's MobileNetV3", () => {
    const { graph } = blockStringNetwork("ds_c16, ir_s2_e4_c24_se0.25, cn_c96, head_c32", {
      input: [1, 28, 28],
      classes: 10,
    });
    expect([...statesOf(graph, "parameter").keys()].filter((name) => name.endsWith("weight"))).toEqual([
      "features.0.0.weight",
      "features.0.1.weight",
      "features.1.block.0.0.weight",
      "features.1.block.0.1.weight",
      "features.1.block.1.0.weight",
      "features.1.block.1.1.weight",
      "features.2.block.0.0.weight",
      "features.2.block.0.1.weight",
      "features.2.block.1.0.weight",
      "features.2.block.1.1.weight",
      "features.2.block.2.fc1.weight",
      "features.2.block.2.fc2.weight",
      "features.2.block.3.0.weight",
      "features.2.block.3.1.weight",
      "features.3.0.weight",
      "features.3.1.weight",
      "classifier.0.weight",
      "classifier.3.weight",
    ]);
  });

  test("MobileNetV3-Small's own text gives its counts", () => {
    const text =
      "stem_s2_c16 ds_s2_c16_se0.25_nre ir_s2_e4.5_c24_nre ir_e3.67_c24_nre ir_k5_s2_e4_c40_se0.25 ir_r2_k5_e6_c40_se0.25 " +
      "ir_r2_k5_e3_c48_se0.25 ir_r3_k5_s2_e6_c96_se0.25 cn_c576 head_c1024";
    const [own, published] = [blockStringNetwork(text).graph, mobilenetV3Small().graph];
    expect([countParameters(own), countMacs(own)]).toEqual([
      countParameters(published),
      countMacs(published),
    ]);
  });

  test("blocks of all kinds, with skips where they are asked for and the shape stays", () => {
    const additions = (text: string): number =>
      blockStringNetwork(text, { input: [3, 16, 16], classes: 4 }).graph.values.filter(
        (value) => value.op === "add",
      ).length;
    expect(additions("cn_r2_k3_c16")).toBe(0);
    expect(additions("cn_r2_k3_c16_skip")).toBe(2);
    expect(additions("ds_r3_c16")).toBe(3);
    expect(additions("ds_r3_c16_noskip")).toBe(0);
    expect(additions("dsa_r3_c16")).toBe(0);
    expect(additions("ir_r3_s2_e4_c16")).toBe(2);
    expect(additions("er_r3_s2_e4_c24")).toBe(2);
  });

  test("without a stem the first stride fits the image", () => {
    const stride = (size: number): unknown =>
      blockStringNetwork("ir_s2_e4_c16 ir_s2_e4_c24", {
        input: [1, size, size],
        classes: 4,
      }).graph.values.find(({ op }) => op === "conv2d")!.attrs["stride"];
    expect(stride(16)).toEqual([1, 1]);
    expect(stride(32)).toEqual([2, 2]);
  });

  test("a width scales the blocks and keeps the head", () => {
    const { graph } = blockStringNetwork("ds_c16, cn_c96, head_c32", {
      input: [1, 28, 28],
      classes: 10,
      width: 2,
    });
    const shape = (name: string) => graph.values.find((value) => value.name === name)!.type.shape;
    expect(shape("features.2.0.weight")).toEqual([192, 32, 1, 1]);
    expect(shape("classifier.0.weight")).toEqual([32, 192]);
  });
});

test("a dilation is read, written and built with a padding that keeps the size", () => {
  const text = "stem_k3_s1_c8_nre ir_r2_k3_s1_d2_e2_c8_nre";
  const parsed = parseBlockString(text);
  expect(parsed.stages[0]!.dilation).toBe(2);
  expect(formatBlockString(parsed)).toBe(text);
  const { graph } = blockStringNetwork(text, { input: [3, 16, 16] });
  const depthwise = graph.values.filter(({ op, attrs }) => op === "conv2d" && attrs["groups"] === 16);
  expect(depthwise.map(({ attrs, type }) => [attrs["dilation"], attrs["padding"], type.shape])).toEqual([
    [
      [2, 2],
      [2, 2, 2, 2],
      [2, 16, 16, 16],
    ],
    [
      [2, 2],
      [2, 2, 2, 2],
      [2, 16, 16, 16],
    ],
  ]);
  expect(() => parseBlockString("ir_k3_d0_e2_c8")).toThrow(
    /got "0" as dilation, expected a whole number of at least 1/,
  );
});
