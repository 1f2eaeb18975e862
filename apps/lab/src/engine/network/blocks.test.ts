// Networks read back as blocks: every MobileNet of the list, at several widths, and what edits write.
import { analyze, countMacs, countParameters, fieldsOf, layersOf } from "sabok/analysis";
import { blockStringNetwork, models, namedNetwork } from "sabok/models";
import type { Graph } from "sabok";
import { describe, expect, test } from "vitest";
import { blockScope, blocksOf, readBlocks, writeBlocks } from "./blocks.ts";

const read = (graph: Graph) => {
  const { graph: inference } = fieldsOf(graph);
  return blocksOf(layersOf(inference), inference.values);
};

describe("blocksOf", () => {
  test.each(models.filter(({ hasWidth }) => hasWidth).map(({ name }) => name))(
    "%s in blocks has the same parameters and multiply-accumulates, at every width",
    (name) => {
      for (const width of [0.35, 0.5, 1, 1.4]) {
        const { graph } = namedNetwork(name, { width });
        const again = blockStringNetwork(writeBlocks(read(graph)!)).graph;
        expect([countParameters(again), countMacs(again)], `width ${width}`).toEqual([
          countParameters(graph),
          countMacs(graph),
        ]);
      }
    },
  );

  test("writes MobileNetV2 as its paper's table", () => {
    expect(writeBlocks(read(namedNetwork("mobilenet_v2").graph)!)).toBe(
      "stem_k3_s2_c32_nr6 ds_r1_k3_s1_c16_nr6 ir_r2_k3_s2_e6_c24_nr6 ir_r3_k3_s2_e6_c32_nr6 " +
        "ir_r4_k3_s2_e6_c64_nr6 ir_r3_k3_s1_e6_c96_nr6 ir_r3_k3_s2_e6_c160_nr6 ir_r1_k3_s1_e6_c320_nr6 " +
        "cn_r1_k1_s1_c1280_nr6",
    );
  });

  test("gives back a text with every kind of block, dilated, gated and skipped", () => {
    const text =
      "stem_k3_s2_c16_nhs er_r1_k3_s2_e4_c24_nre ir_r2_k5_s1_d2_e3_c40_se0.25_nhs ds_r1_k3_s1_c40_nre_noskip " +
      "cn_r1_k3_s1_c40_nre_skip cn_r1_k1_s1_c96_nhs head_c128_nhs";
    expect(writeBlocks(read(blockStringNetwork(text).graph)!)).toBe(text);
  });

  test("a notation ahead of the picture keeps the scopes of the picture", () => {
    const list = read(namedNetwork("mobilenet_v3_small").graph)!;
    expect(readBlocks(writeBlocks(list), list)).toEqual(list);
    expect(readBlocks("stem_k3_s2_c8 cn_c8", list)).toBeUndefined();
  });

  test("a residual network is none", () => {
    expect(read(namedNetwork("resnet18").graph)).toBeUndefined();
  });

  test("a larger kernel in one block changes that block's receptive field and cost only as it must", () => {
    const list = read(namedNetwork("mobilenet_v2").graph)!;
    const edited = list.blocks.map((block) =>
      block.scope === "features.2" ? { ...block, kernel: 5 } : block,
    );
    const before = analyze(blockStringNetwork(writeBlocks(list)));
    const after = analyze(blockStringNetwork(writeBlocks({ ...list, blocks: edited })));
    // 96 channels of 25 − 9 more weights, each used at 56² places; two pixels more at a jump of 2 on either side.
    expect(after.params - before.params).toBe(96 * 16);
    expect(after.macs - before.macs).toBe(96 * 16 * 56 * 56);
    expect(after.receptiveField.size).toEqual([495, 495]);
    expect(before.receptiveField.size).toEqual([491, 491]);
  });
});

test("a layer's block is its name up to the first numbers", () => {
  const names = [
    "features.3.conv.0.0",
    "features.3",
    "features.18.0",
    "blocks.2.1.conv_dw",
    "layer1.0.conv1",
    "conv1",
    "/features/features.1/conv/Conv",
  ];
  expect(names.map(blockScope)).toEqual([
    "features.3",
    "features.3",
    "features.18",
    "blocks.2.1",
    "layer1.0",
    undefined,
    "/features/features.1",
  ]);
});
