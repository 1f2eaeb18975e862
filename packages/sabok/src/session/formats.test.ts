// The formats that other tools write, opened from disk: a TensorFlow.js graph model with its shards, and a TFLite file.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "../core/index.ts";
import { temporaryFolder } from "../node/data/temporaryFolder.ts";
import { open } from "../node/openModel.ts";

const folder = temporaryFolder(afterAll);

describe("a TensorFlow.js graph model", () => {
  /** A convolution 1x1 from 2 channels to 3 with a rectifier, the mean of each map, and their softmax. */
  const filter = [1, 0, -1, 2, 1, 1];
  const model = {
    modelTopology: {
      node: [
        {
          name: "image",
          op: "Placeholder",
          attr: { shape: { shape: { dim: ["-1", "2", "2", "2"].map((size) => ({ size })) } } },
        },
        { name: "filter", op: "Const" },
        { name: "axes", op: "Const" },
        {
          name: "conv",
          op: "_FusedConv2D",
          input: ["image", "filter", "bias"],
          attr: {
            padding: { s: btoa("VALID") },
            strides: { list: { i: ["1", "1", "1", "1"] } },
            fused_ops: { list: { s: [btoa("BiasAdd"), btoa("Relu")] } },
          },
        },
        { name: "bias", op: "Const" },
        { name: "means", op: "Mean", input: ["conv", "axes"], attr: { keep_dims: { b: false } } },
      ],
    },
    weightsManifest: [
      {
        paths: ["shard1of2.bin", "shard2of2.bin"],
        weights: [
          { name: "filter", shape: [1, 1, 2, 3], dtype: "float32" },
          { name: "bias", shape: [3], dtype: "float32" },
          { name: "axes", shape: [2], dtype: "int32" },
        ],
      },
    ],
  };
  const bytes = Buffer.concat([
    new Uint8Array(Float32Array.of(...filter, 0, 0, 0.5).buffer),
    new Uint8Array(Int32Array.of(1, 2).buffer),
  ]);

  beforeAll(() => {
    writeFileSync(join(folder, "model.json"), JSON.stringify(model));
    writeFileSync(join(folder, "shard1of2.bin"), bytes.subarray(0, 10));
    writeFileSync(join(folder, "shard2of2.bin"), bytes.subarray(10));
  });

  test("opens by its path and gives its numbers", async () => {
    const session = await open(join(folder, "model.json"));
    expect(session.inputs["image"]!.shape).toEqual([1, 2, 2, 2]);
    // Two channels [1,2;3,4] and [0,1;0,−1]. Filter [in][out]: outputs a + 2b, b and b − a + ½, each held at 0 from below.
    const data = Float32Array.of(1, 2, 3, 4, 0, 1, 0, -1);
    const { means } = await session.run({ image: { shape: [1, 2, 2, 2], data } });
    expect(means!.shape).toEqual([1, 3]);
    const expected = [(1 + 4 + 3 + 2) / 4, 1 / 4, 0];
    for (const [i, x] of expected.entries()) expect(means!.data[i]).toBeCloseTo(x, 6);
    session.close();
  });

  test("asks for a shard that is not there by its name", async () => {
    writeFileSync(join(folder, "alone.json"), JSON.stringify(model).replace("shard2of2", "shard3of2"));
    await expect(open(join(folder, "alone.json"))).rejects.toThrow(
      "shard3of2.bin: no such file beside alone.json.",
    );
  });
});

describe("a TFLite file", () => {
  const golden = new URL("../../golden/tflite/", import.meta.url);
  const cases = JSON.parse(readFileSync(new URL("cases.json", golden), "utf8")) as readonly {
    readonly name: string;
    readonly feeds: Readonly<Record<string, Tensor>>;
    readonly expected: Readonly<Record<string, Tensor>>;
  }[];

  test.each(cases.map(({ name }) => name))(
    "%s opens by its path and gives PyTorch's numbers",
    async (name) => {
      const { feeds, expected } = cases.find((each) => each.name === name)!;
      const session = await open(fileURLToPath(new URL(`${name}.tflite`, golden)));
      const outputs = await session.run(
        Object.fromEntries(
          Object.entries(feeds).map(([input, { shape, data }]) => [
            input,
            { shape, data: Float32Array.from(data) },
          ]),
        ),
      );
      for (const [output, { shape, data }] of Object.entries(expected)) {
        expect(outputs[output]!.shape).toEqual(shape);
        const largest = Math.max(1, ...Array.from(data, (x) => Math.abs(x)));
        for (const [i, x] of data.entries())
          expect(Math.abs(outputs[output]!.data[i]! - x)).toBeLessThan(1e-5 * largest);
      }
      session.close();
    },
  );
});
