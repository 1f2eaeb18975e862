// Receptive fields of published networks, and the cases that tools get wrong.
import { describe, expect, test } from "vitest";
import { namedNetwork } from "../../nn/models/index.ts";
import { fieldsOf } from "./fields.ts";
import { coverageOf, lastMap, receptiveFieldOf } from "./receptiveField.ts";

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
      relative: { h: 1, w: 1, area: 1 },
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
