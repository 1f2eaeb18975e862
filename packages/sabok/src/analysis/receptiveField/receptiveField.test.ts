// Receptive fields of published networks, and the cases that tools get wrong.
import { describe, expect, test } from "vitest";
import type { Value } from "../../graph/index.ts";
import {
  add,
  batchNorm,
  concat,
  conv2d,
  convTranspose2d,
  flatten,
  globalAvgPool,
  linear,
  mean,
  mul,
  network,
  pad,
  relu,
  reshape,
  resize,
  sigmoid,
  softmax,
  transpose,
} from "../../nn/index.ts";
import { blockStringNetwork, namedNetwork } from "../../nn/models/index.ts";
import { fieldsOf } from "./fields.ts";
import { coverageOf, lastMap, receptiveField, receptiveFieldOf } from "./receptiveField.ts";
import { verifyReceptiveField } from "./verifyReceptiveField.ts";

describe("published networks", () => {
  test.each([
    ["mobilenet_v1", 315],
    ["mobilenet_v2", 491],
    ["resnet50", 427],
  ])("%s sees %d pixels", (name, size) => {
    const fields = fieldsOf(namedNetwork(name).graph);
    const figures = receptiveFieldOf(fields, lastMap(fields));
    expect(figures).toMatchObject({
      size: [size, size],
      local: [size, size],
      stride: [32, 32],
      relative: { h: size / 224, w: size / 224, area: 1 },
    });
    expect(figures.offset).toEqual([-(size - 1) / 2, -(size - 1) / 2]);
    expect(fields.misaligned).toEqual([]);
    expect(coverageOf(fields, lastMap(fields))).toEqual({ pixels: size * size, share: 1, gridding: false });
  });

  test.each([
    ["mobilenet_v3_large", 595],
    ["mobilenet_v3_small", 639],
  ])("%s is global through its squeeze-and-excitation, %d without", (name, size) => {
    const fields = fieldsOf(namedNetwork(name).graph);
    const figures = receptiveFieldOf(fields, lastMap(fields));
    expect(figures).toMatchObject({ size: "global", local: [size, size], stride: [32, 32] });
  });
});

/** A graph of one channel over an image of the given size. */
const graphOf = (build: (image: Value) => Value, size: readonly [number, number] = [32, 32], channels = 1) =>
  network({ image: [channels, ...size] }, ({ image }) => build(image)).graph;

const stack =
  (...layers: readonly (readonly [kernel: number, dilation: number, stride: number])[]) =>
  (image: Value) =>
    layers.reduce((x, [kernel, dilation, stride]) => conv2d(x, { out: 1, kernel, dilation, stride }), image);

describe("the formula", () => {
  test("R = 1 + Σ d(k − 1)J, and the last stride does not count", () => {
    expect(receptiveField(graphOf(stack([3, 1, 1], [3, 2, 1], [3, 4, 1])))).toMatchObject({
      size: [15, 15],
      stride: [1, 1],
      offset: [0, 0],
    });
    expect(receptiveField(graphOf(stack([3, 1, 2], [3, 3, 1], [3, 1, 2])))).toMatchObject({
      size: [19, 19],
      stride: [4, 4],
    });
  });

  test("each axis by itself, and shares of a rectangle", () => {
    const graph = graphOf(
      (x) => conv2d(x, { out: 1, kernel: [3, 5], dilation: [2, 1], stride: [1, 2], padding: [2, 1, 0, 3] }),
      [20, 40],
    );
    expect(receptiveField(graph)).toEqual({
      size: [5, 5],
      local: [5, 5],
      stride: [1, 2],
      offset: [-2, -1],
      padding: [2, 1, 0, 2],
      relative: { h: 0.25, w: 0.125, area: 0.03125 },
    });
  });

  test("a field larger than the image says so by axis; its area is at most the whole image", () => {
    expect(receptiveField(namedNetwork("mobilenet_v2", { input: [3, 96, 800] }).graph).relative).toEqual({
      h: 491 / 96,
      w: 491 / 800,
      area: 491 / 800,
    });
  });

  test("any layer by its name", () => {
    const { graph } = namedNetwork("mobilenet_v2");
    expect(receptiveField(graph, { at: "features.0.0" })).toMatchObject({
      size: [3, 3],
      stride: [2, 2],
      offset: [-1, -1],
    });
    expect(() => receptiveField(graph, { at: "features.0.9" })).toThrow(
      /no layer "features\.0\.9".*Did you mean features\.0\.0/,
    );
  });
});

describe("coverage", () => {
  test.each([
    ["one dilated convolution", stack([3, 2, 1]), 9, 9 / 25, true],
    ["dilations without a common divisor", stack([3, 1, 1], [3, 2, 1], [3, 4, 1]), 225, 1, false],
    ["even dilations", stack([3, 2, 1], [3, 2, 1]), 25, 25 / 81, true],
    ["a first layer alone with holes", stack([2, 2, 1], [2, 1, 1]), 16, 1, false],
  ])("%s", (_, build, pixels, share, gridding) => {
    const fields = fieldsOf(graphOf(build));
    expect(coverageOf(fields, lastMap(fields))).toEqual({ pixels, share, gridding });
  });

  test("crossed branches leave the corners out", () => {
    const build = (x: Value) =>
      add(
        conv2d(x, { out: 1, kernel: [1, 7], padding: [0, 3, 0, 3] }),
        conv2d(x, { out: 1, kernel: [7, 1], padding: [3, 0, 3, 0] }),
      );
    const fields = fieldsOf(graphOf(build));
    expect(receptiveFieldOf(fields, lastMap(fields)).size).toEqual([7, 7]);
    expect(coverageOf(fields, lastMap(fields))).toEqual({ pixels: 13, share: 13 / 49, gridding: false });
  });
});

describe("what spreads and what does not", () => {
  test.each<[string, (x: Value) => Value, object]>([
    [
      "a skip is a union",
      (x) => add(x, conv2d(x, { out: 1, kernel: 5, padding: 2 })),
      { size: [5, 5], offset: [-2, -2] },
    ],
    [
      "a concatenation too",
      (x) =>
        concat([
          conv2d(x, { out: 1, kernel: 3, padding: 1 }),
          conv2d(x, { out: 1, kernel: 3, dilation: 4, padding: 4 }),
        ]),
      { size: [9, 9] },
    ],
    ["batch norm sees no other pixel", (x) => batchNorm(conv2d(x, { out: 1, kernel: 3 })), { size: [3, 3] }],
    [
      "upsampling has a stride below 1",
      (x) => resize(conv2d(x, { out: 1, kernel: 3 }), { factor: 2 }),
      { size: [4, 4], stride: [0.5, 0.5] },
    ],
    [
      "nearest upsampling adds nothing",
      (x) => resize(conv2d(x, { out: 1, kernel: 3 }), { factor: 2, mode: "nearest" }),
      { size: [3, 3], stride: [0.5, 0.5] },
    ],
    [
      "a transposed convolution",
      (x) => convTranspose2d(x, { out: 1, kernel: 4, stride: 2, padding: 1 }),
      { size: [2, 2], stride: [0.5, 0.5], offset: [-1, -1] },
    ],
    ["padding moves the field", (x) => pad(x, { before: [0, 0, 2, 1] }), { size: [1, 1], offset: [-2, -1] }],
    [
      "a channel shuffle keeps the places",
      (x) =>
        reshape(
          transpose(reshape(conv2d(x, { out: 6, kernel: 3 }), [-1, 2, 3, 30, 30]), [0, 2, 1, 3, 4]),
          [-1, 6, 30, 30],
        ),
      { size: [3, 3], stride: [1, 1] },
    ],
    [
      "softmax over channels",
      (x) => softmax(conv2d(x, { out: 4, kernel: 3 }), { axis: 1 }),
      { size: [3, 3] },
    ],
    [
      "softmax over rows",
      (x) => softmax(conv2d(x, { out: 4, kernel: 3 }), { axis: 2 }),
      { size: [32, 3], relative: { h: 1, w: 3 / 32, area: 3 / 32 } },
    ],
    [
      "a gate over the whole map",
      (x) => mul(x, sigmoid(globalAvgPool(x, { keepDims: true }))),
      { size: "global", local: [1, 1], stride: [1, 1], relative: { h: 1, w: 1, area: 1 } },
    ],
    [
      "a mean over rows as gate",
      (x) => mul(x, mean(x, { axes: [2], keepDims: true })),
      { size: [32, 1], local: [1, 1] },
    ],
  ])("%s", (_, build, figures) => {
    expect(receptiveField(graphOf(build))).toMatchObject(figures);
  });

  test.each<[string, (x: Value) => Value]>([
    ["global average pooling", (x) => globalAvgPool(x)],
    ["a mean over both axes", (x) => mean(x, { axes: [-1, -2] })],
    ["flattening", (x) => linear(flatten(x), { out: 3 })],
  ])("%s ends the maps: the figure is that of the last one", (_, end) => {
    const graph = graphOf((x) => end(relu(conv2d(x, { out: 2, kernel: 3 }))));
    expect(receptiveField(graph)).toMatchObject({ size: [3, 3] });
    const fields = fieldsOf(graph);
    expect(receptiveFieldOf(fields, [...fields.seen.keys()].at(-1)!)).toMatchObject({
      size: "global",
      local: null,
      stride: null,
    });
  });
});

describe("misaligned branches", () => {
  test("centres apart: padding on one side only, against a strided shortcut", () => {
    const build = (x: Value) =>
      add(conv2d(x, { out: 1, kernel: 3, stride: 2, padding: "same" }), conv2d(x, { out: 1, stride: 2 }));
    const misalignment = { kind: "centre", by: 1, op: "add" };
    expect(fieldsOf(graphOf(build)).misaligned).toMatchObject([
      { ...misalignment, axis: "vertical" },
      { ...misalignment, axis: "horizontal" },
    ]);
  });

  test("strides apart: the fields drift, and each output's is still exact", async () => {
    const build = (x: Value) =>
      add(conv2d(x, { out: 1, kernel: [1, 17] }), conv2d(x, { out: 1, kernel: [1, 2], stride: [1, 2] }));
    const fields = fieldsOf(graphOf(build));
    expect(fields.misaligned).toMatchObject([{ kind: "stride", axis: "horizontal", by: 1 }]);
    for (const column of [0, 7, 15])
      expect(
        await verifyReceptiveField(fields, lastMap(fields), { backend: "reference", place: [3, column] }),
      ).toMatchObject({ agrees: true });
  });

  test("published networks have none", () => {
    for (const name of ["resnet18", "mobilenet_v3_small"])
      expect(fieldsOf(namedNetwork(name).graph).misaligned).toEqual([]);
  });
});

describe("the effective receptive field", () => {
  test.each([
    [Array.from({ length: 10 }, () => [3, 1, 1] as const), 21, 2.581989],
    [
      [
        [3, 1, 1],
        [3, 2, 1],
        [3, 4, 1],
      ] as const,
      15,
      3.741657,
    ],
    [
      [
        [3, 1, 2],
        [3, 1, 2],
        [3, 2, 1],
      ] as const,
      23,
      6.78233,
    ],
  ])("σ² = Σ a²(k² − 1)/12: %j", async (layers, size, std) => {
    const fields = fieldsOf(graphOf(stack(...layers)));
    const found = await verifyReceptiveField(fields, lastMap(fields), { backend: "reference" });
    expect(found).toMatchObject({ agrees: true, gradient: [size, size] });
    expect(found.effectiveStd[0]).toBeCloseTo(std, 5);
    expect(found.effectiveStd[1]).toBeCloseTo(std, 5);
  });
});

test("a graph behind squeeze-and-excitation is checked with the gates left out", async () => {
  const fields = fieldsOf(
    blockStringNetwork("ir_r2_k3_s2_e2_c8_se0.25", { input: [3, 32, 32], classes: 2 }).graph,
  );
  expect(receptiveFieldOf(fields, lastMap(fields)).size).toBe("global");
  expect(await verifyReceptiveField(fields, lastMap(fields))).toMatchObject({
    agrees: true,
    interior: true,
    withoutGates: true,
  });
});
