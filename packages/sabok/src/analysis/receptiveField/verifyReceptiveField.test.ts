// The formula against the gradient: published networks, and hundreds of random graphs.
import { describe, expect, test } from "vitest";
import { Random, ShapeError } from "../../core/index.ts";
import { shapeOf, type Graph, type Pair, type Value } from "../../graph/index.ts";
import {
  add,
  avgPool2d,
  concat,
  conv2d,
  convTranspose2d,
  maxPool2d,
  network,
  pad,
  relu,
  resize,
  slice,
} from "../../nn/index.ts";
import { namedNetwork } from "../../nn/models/index.ts";
import { fieldsOf } from "./fields.ts";
import { lastMap } from "./receptiveField.ts";
import { verifyReceptiveField } from "./verifyReceptiveField.ts";

describe("published networks", () => {
  test.each([
    ["mobilenet_v1", 315],
    ["mobilenet_v3_small", 639],
  ])(
    "%s: the gradient of an inner output is nonzero on exactly %d pixels a side",
    { timeout: 60_000 },
    async (name, size) => {
      const fields = fieldsOf(namedNetwork(name, { width: 0.25 }).graph);
      const found = await verifyReceptiveField(fields, lastMap(fields));
      expect(found).toMatchObject({
        agrees: true,
        interior: true,
        formula: [size, size],
        gradient: [size, size],
        differing: 0,
      });
    },
  );
});

describe("random graphs of convolutions, branches, skips, pooling, resizing, slices and padding", () => {
  test(
    "600 graphs: the gradient is nonzero on exactly the pixels of the formula",
    { timeout: 120_000 },
    async () => {
      const found = { graphs: 0, interior: 0 };
      for (let seed = 0; found.graphs < 600; seed++) {
        const random = new Random(seed);
        const graph = randomGraph(random);
        if (!graph) continue;
        const fields = fieldsOf(graph);
        const value = graph.outputs["logits"]!;
        const map = [...fields.seen.keys()].at(-1)!;
        const [, , height, width] = shapeOf(map) as [number, number, number, number];
        // Every third one anywhere in the map, where borders may cut the field.
        const place: Pair | undefined =
          seed % 3 === 0 ? [random.integer(height), random.integer(width)] : undefined;
        const options = { backend: "reference", keepInput: true, ...(place && { place }) } as const;
        const result = await verifyReceptiveField(fields, map, options).catch((error: Error) => {
          if (/reads no pixel/.test(error.message)) return undefined;
          throw error;
        });
        if (!result) continue;
        expect(result, `seed ${seed}, ${value.name}`).toMatchObject({ agrees: true, differing: 0 });
        found.graphs++;
        if (result.interior) found.interior++;
      }
      expect(found.interior).toBeGreaterThan(300);
    },
  );
});

/** One operator after another at random, on one channel; undefined where a map comes out empty or the gradient too long. */
function randomGraph(random: Random): Graph | undefined {
  const length = pair(random, 16, 30);
  try {
    const { graph } = network(
      { image: [1, ...length] },
      ({ image }) => {
        let x: Value = image;
        const steps = 2 + random.integer(4);
        for (let i = 0; i < steps; i++) x = randomStep(random, x);
        return x;
      },
      { batch: 1 },
    );
    return graph.values.every(({ type }) => type.shape.slice(2).every((side) => side <= 60))
      ? graph
      : undefined;
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

const pair = (random: Random, least: number, most: number): Pair => [
  least + random.integer(most - least + 1),
  least + random.integer(most - least + 1),
];

function randomWindow(random: Random, x: Value, same: boolean): Value {
  const kernel = same
    ? ([1 + 2 * random.integer(3), 1 + 2 * random.integer(3)] as const)
    : pair(random, 1, 4);
  const dilation = pair(random, 1, 3);
  const extent = kernel.map((k, i) => dilation[i]! * (k - 1));
  const padding = same
    ? ([extent[0]! / 2, extent[1]! / 2, extent[0]! / 2, extent[1]! / 2] as const)
    : ([random.integer(2), random.integer(3), random.integer(3), random.integer(2)] as const);
  const stride: Pair = same ? [1, 1] : pair(random, 1, 2);
  return conv2d(x, { out: 1, kernel, dilation, padding, stride });
}

function randomStep(random: Random, x: Value): Value {
  const [, , height, width] = shapeOf(x) as [number, number, number, number];
  switch (random.integer(9)) {
    case 0:
    case 1:
      return relu(randomWindow(random, x, false));
    case 2:
      return add(x, randomWindow(random, x, true));
    case 3:
      return conv2d(concat([randomWindow(random, x, true), randomWindow(random, x, true)]), { out: 1 });
    case 4:
      return random.integer(2) === 0
        ? maxPool2d(x, { kernel: 3, stride: 2, padding: 1 })
        : avgPool2d(x, { kernel: pair(random, 1, 3), stride: pair(random, 1, 2) });
    case 5: {
      const stride = pair(random, 1, 3);
      return convTranspose2d(x, { out: 1, kernel: pair(random, 1, 4), stride, dilation: pair(random, 1, 2) });
    }
    case 6:
      return resize(x, {
        size: [Math.max(4, Math.round(height * (0.5 + random.uniform()))), 2 * width],
        mode: random.integer(2) === 0 ? "nearest" : "bilinear",
        coordinates: random.integer(2) === 0 ? "halfPixel" : "asymmetric",
      });
    case 7:
      return slice(x, {
        starts: [0, 0, random.integer(2), random.integer(2)],
        sizes: [-1, -1, -1, -1],
        steps: [1, 1, 1 + random.integer(2), 1],
      });
    default:
      return pad(x, { before: [0, 0, random.integer(3), 1], after: [0, 0, 1, random.integer(3)] });
  }
}
