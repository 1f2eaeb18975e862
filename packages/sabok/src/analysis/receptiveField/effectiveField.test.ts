// One channel of every map measures what all of them measure, and what the formula of a plain stack says.
import { describe, expect, test } from "vitest";
import { add, avgPool2d, concat, conv2d, maxPool2d, network, relu, squeezeExcite } from "../../nn/index.ts";
import { namedNetwork } from "../../nn/models/index.ts";
import type { Value } from "../../graph/index.ts";
import { effectiveField } from "./effectiveField.ts";
import { fieldsOf } from "./fields.ts";
import { lastMap } from "./receptiveField.ts";
import { verifyReceptiveField } from "./verifyReceptiveField.ts";

const fieldsFrom = (build: (image: Value) => Value, channels = 3) =>
  fieldsOf(network({ image: [channels, 24, 24] }, ({ image }) => build(image)).graph);

describe("the standard deviation of a plain stack is √(Σ a²(k² − 1)/12)", () => {
  const stack =
    (...layers: readonly (readonly [kernel: number, dilation: number, stride: number])[]) =>
    (image: Value) =>
      layers.reduce(
        (x, [kernel, dilation, stride]) => conv2d(x, { out: 4, kernel, dilation, stride }),
        image,
      );
  test.each([
    [stack(...Array.from({ length: 10 }, () => [3, 1, 1] as const)), 2.581989],
    [stack([3, 1, 1], [3, 2, 1], [3, 4, 1]), 3.741657],
    [stack([3, 1, 2], [3, 1, 2], [3, 2, 1]), 6.78233],
  ])("case %#", async (build, std) => {
    const fields = fieldsFrom(build);
    for (const found of await effectiveField(fields, lastMap(fields))) expect(found).toBeCloseTo(std, 5);
  });
});

test.each([
  [
    "branches of other widths, pooling and a gate",
    fieldsFrom((image) => {
      const x = maxPool2d(relu(conv2d(image, { out: 6, kernel: 5, padding: 2 })), {
        kernel: 3,
        stride: 2,
        padding: 1,
      });
      const joined = concat([
        conv2d(x, { out: 2, kernel: 7, padding: 3 }),
        conv2d(x, { out: 6, kernel: 1 }),
        avgPool2d(x, { kernel: 3, stride: 1, padding: 1 }),
      ]);
      const y = squeezeExcite(conv2d(joined, { out: 6 }), { squeeze: 4 });
      return add(x, conv2d(y, { out: 6, kernel: 3, padding: 2, dilation: 2, groups: 2 }));
    }),
  ],
  ["mobilenet_v1", fieldsOf(namedNetwork("mobilenet_v1", { input: [3, 64, 64], width: 0.25 }).graph)],
  [
    "mobilenet_v3_small",
    fieldsOf(namedNetwork("mobilenet_v3_small", { input: [3, 64, 64], width: 0.5 }).graph),
  ],
])("%s: the same as with all channels", { timeout: 60_000 }, async (_, fields) => {
  const thin = await effectiveField(fields, lastMap(fields));
  const { effectiveStd } = await verifyReceptiveField(fields, lastMap(fields));
  for (const k of [0, 1] as const) expect(thin[k] / effectiveStd[k]).toBeCloseTo(1, 4);
});
