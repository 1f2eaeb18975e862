// PyTorch's own networks (packages/sabok/golden/README.md, models/): the same names, and the same logits.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../../backends/reference/index.ts";
import { hashName, mix32, sizeOf, type Shape, type Tensor } from "../../core/index.ts";
import { isState, shapeOf, type Graph } from "../../graph/index.ts";
import { readSafetensors } from "../../onnx/safetensors.ts";
import { foldBatchNorm, fuseActivation, toInference, withInputShapes } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { Network } from "../network.ts";
import { mobilenetV2, mobilenetV3Large, mobilenetV3Small, namedNetwork } from "./index.ts";

interface Keys {
  readonly parameters: number;
  readonly macs224: number;
  readonly bnEps: number;
  readonly bnMomentum: number;
  readonly state: readonly (readonly [string, Shape])[];
}

interface NarrowModel {
  readonly weights: string;
  readonly runs: readonly {
    readonly input: string;
    readonly shape: Shape;
    readonly logits: readonly (readonly number[])[];
  }[];
}

interface FullModel {
  readonly runs: readonly { readonly input: Shape; readonly images: readonly ImageSummary[] }[];
}

interface ImageSummary {
  readonly first: readonly number[];
  readonly sum: number;
  readonly norm: number;
  readonly argmax: number;
  readonly margin: number;
}

const keys = readJson<Record<string, Keys>>("keys.json");
const narrow = readJson<Record<string, NarrowModel>>("narrow.json");
const full = readJson<Record<string, FullModel>>("full.json");

describe("state dict", () => {
  test.each(Object.entries(keys))("%s has torchvision's names and shapes, in its order", (name, golden) => {
    const { graph } = namedNetwork(name);
    expect(stateOf(graph)).toEqual(golden.state);
  });

  test.each(Object.entries(keys))("%s has torchvision's batch norm constants", (name, golden) => {
    const { graph } = namedNetwork(name);
    const attributes = (op: string, key: string): unknown[] => [
      ...new Set(graph.values.filter((value) => value.op === op).map(({ attrs }) => attrs[key])),
    ];
    expect(attributes("batchNorm", "epsilon")).toEqual([golden.bnEps]);
    expect(attributes("movingAverage", "momentum")).toEqual([golden.bnMomentum]);
  });
});

describe("narrow networks with PyTorch's weights", () => {
  const builders: Record<string, () => Network> = {
    mobilenet_v2_025: () => mobilenetV2({ width: 0.25, classes: 10 }),
    mobilenet_v3_large_025: () => mobilenetV3Large({ width: 0.25, classes: 10, widthRule: "torchvision" }),
    mobilenet_v3_small_025: () => mobilenetV3Small({ width: 0.25, classes: 10, widthRule: "torchvision" }),
  };
  const { tensors: inputs } = readSafetensors(readBytes("inputs.safetensors"));

  for (const [name, golden] of Object.entries(narrow)) {
    const { tensors: weights } = readSafetensors(readBytes(golden.weights));
    for (const run of golden.runs) {
      const feeds = { image: inputs.get(run.input)! };
      const expected = run.logits.flat();
      test(`${name}, ${run.input}: the reference's logits`, () => {
        const graph = inferenceGraph(builders[name]!(), run.shape);
        const { logits } = interpret(graph, feeds, weights).outputs;
        expect(distance(logits!.data, expected)).toBeLessThan(1e-10);
      });

      test(`${name}, ${run.input}: the wasm backend's logits, batch norm as it is and folded`, async () => {
        const graph = inferenceGraph(builders[name]!(), run.shape);
        expect(distance(await wasmLogits(graph, weights, feeds), expected)).toBeLessThan(1e-4);
        const folded = foldBatchNorm(graph, weights);
        expect(folded.refused).toEqual([]);
        expect(
          distance(await wasmLogits(fuseActivation(folded.graph), folded.weights, feeds), expected),
        ).toBeLessThan(1e-4);
      });
    }
  }
});

describe("full-size networks with the formula's weights", () => {
  test.each(Object.entries(full))(
    "%s: the wasm backend's logits",
    { timeout: 60_000 },
    async (name, golden) => {
      const network = namedNetwork(name);
      const weights = new Map(stateOf(network.graph).map(([key, shape]) => [key, filled(key, shape)]));
      for (const run of golden.runs) {
        const graph = fuseActivation(inferenceGraph(network, run.input));
        const logits = await wasmLogits(graph, weights, { image: filled("input", run.input) });
        run.images.forEach((image, i) =>
          expectSummary(logits.subarray(1000 * i, 1000 * (i + 1)), image, name),
        );
      }
    },
  );

  test("the filling formula's test vectors", () => {
    const { tensors } = readJson<{
      tensors: { name: string; shape: Shape; first: number[]; last: number }[];
    }>("formula.json");
    for (const { name, shape, first, last } of tensors) {
      const { data } = filled(name, shape);
      expect([...data.subarray(0, first.length)]).toEqual(first);
      expect(data.at(-1)).toBe(last);
    }
  });
});

/** How near float32 comes, over the logits' norm: torch's own is 1e-4 away on the large network (the golden README's table). */
const reach = (name: string): number => (name === "mobilenet_v3_large" ? 1e-4 : 1e-5);

/** The first logits, the sum and the norm of all, and the class where it is clear. */
function expectSummary(
  logits: Float32Array,
  { first, sum, norm, argmax, margin }: ImageSummary,
  name: string,
): void {
  const tolerance = reach(name) * norm;
  first.forEach((expected, i) => expect(Math.abs(logits[i]! - expected)).toBeLessThan(tolerance));
  expect(Math.abs(Math.hypot(...logits) - norm)).toBeLessThan(tolerance);
  // A sum of a thousand errors.
  expect(Math.abs(logits.reduce((a, b) => a + b, 0) - sum)).toBeLessThan(tolerance * Math.sqrt(1000));
  if (margin > 2 * tolerance) expect(logits.indexOf(Math.max(...logits))).toBe(argmax);
}

/** Parameters and buffers as PyTorch lists them; the step counter of dropout is ours alone. */
function stateOf(graph: Graph): [string, Shape][] {
  return graph.values
    .filter((value) => isState(value) && value.name !== "step")
    .map((value) => [value.name, shapeOf(value)]);
}

function inferenceGraph({ graph }: Network, shape: Shape): Graph {
  return withInputShapes(toInference(graph), { image: shape });
}

async function wasmLogits(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Float32Array> {
  const session = await createSession(graph);
  session.setStates(weights);
  const { logits } = await session.run(feeds);
  return logits!.data;
}

/** The norm of the difference over the norm of what is expected. */
function distance(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.hypot(...expected.map((e, i) => actual[i]! - e)) / Math.hypot(...expected);
}

/** The README's formula: numbers from a name, a shape and nothing else. */
function filled(name: string, shape: Shape): Tensor & { readonly data: Float32Array } {
  const [scale, offset] = rangeOf(name, shape);
  const seed = Math.imul(hashName(name), 0x9e3779b9);
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => (mix32(mix32(i + seed)) >>> 8) / 2 ** 24,
  );
  return { shape, data: data.map((u) => (offset === "centred" ? (2 * u - 1) * scale : offset + u)) };
}

function rangeOf(name: string, shape: Shape): [scale: number, offset: number | "centred"] {
  if (name === "input") return [1, "centred"];
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  if (leaf === "weight" && shape.length > 1) return [Math.sqrt(6 / sizeOf(shape.slice(1))), "centred"];
  return leaf === "weight" || leaf === "running_var" ? [1, 0.5] : [0.1, "centred"];
}

function readBytes(file: string): Uint8Array {
  return readFileSync(new URL(`../../../golden/models/${file}`, import.meta.url));
}

function readJson<T>(file: string): T {
  return JSON.parse(new TextDecoder().decode(readBytes(file))) as T;
}
