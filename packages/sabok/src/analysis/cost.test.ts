import { describe, expect, test } from "vitest";
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  globalAvgPool,
  linear,
  maxPool2d,
  network,
  relu,
  scope,
} from "../nn/index.ts";
import { mobilenetV3Small, models } from "../nn/models/index.ts";
import { foldBatchNorm, fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { countMacs, countParameters, layerTable } from "./index.ts";

describe("layerTable", () => {
  test("a row a layer, what follows it in the same row", () => {
    const { graph } = network({ image: [3, 8, 8] }, ({ image }) => {
      const x = relu(batchNorm(conv2d(image, { out: 16, kernel: 3, padding: 1, stride: 2, name: "stem" })));
      const y = conv2d(x, { out: 16, kernel: 3, groups: 16, padding: "same", bias: true, name: "depthwise" });
      const pooled = scope("pool", () => globalAvgPool(maxPool2d(y)));
      return linear(pooled, { out: 10, name: "fc" });
    });
    expect(layerTable(graph).rows).toEqual([
      {
        name: "stem",
        op: "conv 3x3 /2, batch norm, relu",
        shape: [16, 4, 4],
        parameters: 432 + 32,
        macs: 16 * 16 * 27,
      },
      { name: "depthwise", op: "depthwise 3x3, bias", shape: [16, 4, 4], parameters: 160, macs: 16 * 16 * 9 },
      { name: "pool", op: "max pool 2x2 /2", shape: [16, 2, 2], parameters: 0, macs: 0 },
      { name: "pool", op: "global average pool", shape: [16], parameters: 0, macs: 0 },
      { name: "fc", op: "linear, bias", shape: [10], parameters: 170, macs: 160 },
    ]);
  });

  test("a squeeze-and-excitation is one row", () => {
    const rows = layerTable(mobilenetV3Small().graph).rows.filter(({ op }) => op.startsWith("squeeze"));
    expect(rows).toHaveLength(9);
    expect(rows[0]).toEqual({
      name: "features.1.block.1",
      op: "squeeze-excite 16 to 8",
      shape: [16, 56, 56],
      parameters: 280,
      macs: 256,
    });
    // theory.md 6.1.3: V3-Small's SE layers in all.
    expect(rows.reduce((total, { macs }) => total + macs, 0)).toBe(458_752);
    expect(rows.reduce((total, { parameters }) => total + parameters, 0)).toBe(461_640);
  });

  test.each(models.map((model) => [model.name, model] as const))(
    "%s: the rows add up to the network",
    (_, model) => {
      const { graph } = model.build({ input: [3, 64, 64] });
      const { rows, macs, parameters } = layerTable(graph);
      expect(rows.reduce((total, row) => total + row.macs, 0)).toBe(macs);
      expect(rows.reduce((total, row) => total + row.parameters, 0)).toBe(parameters);
    },
  );

  test("a transposed convolution, groups and dilation in words", () => {
    const { graph } = network({ image: [4, 8, 8] }, ({ image }) =>
      conv2d(convTranspose2d(image, { out: 4, kernel: 2, stride: 2 }), {
        out: 6,
        kernel: 3,
        groups: 2,
        dilation: 2,
      }),
    );
    expect(layerTable(graph).rows.map(({ op }) => op)).toEqual([
      "transposed conv 2x2 /2",
      "conv 3x3 groups 2 dilation 2x2",
    ]);
  });

  test("a weight that two layers share counts once", () => {
    const { graph } = network({ image: [4, 8, 8] }, ({ image }) => {
      const first = conv2d(image, { out: 4, kernel: 3, padding: 1 });
      return conv2d(first, first.inputs[1]!, { padding: 1 });
    });
    expect(layerTable(graph).rows.map(({ parameters }) => parameters)).toEqual([144, 0]);
    expect(countParameters(graph)).toBe(144);
  });
});

describe("counts", () => {
  test("are of one image, whatever the batch", () => {
    const { graph } = mobilenetV3Small({ input: [3, 64, 64] });
    expect(countMacs(withBatch(graph, 7))).toBe(countMacs(graph));
  });

  test("folding leaves the MACs and the names, and puts the norms into the biases", () => {
    const { graph, weights } = mobilenetV3Small({ input: [3, 64, 64] });
    const folded = fuseActivation(foldBatchNorm(toInference(graph), weights).graph);
    expect(countMacs(folded)).toBe(countMacs(graph));
    const [before, after] = [layerTable(graph).rows, layerTable(folded).rows];
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    expect(after[0]!.op).toBe("conv 3x3 /2, bias, hardSwish");
  });
});
