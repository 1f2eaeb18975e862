// What every backend must pass: each operator's own samples, forward and gradient, against the float64 reference.
import { describe, expect, test } from "vitest";
import { vectorJacobianProduct } from "../autodiff/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { Random, hashName, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, makeGraph, type Graph, type Value } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import { createSession } from "./session.ts";

/** Normal numbers rounded to float32, so that both sides compute with the same operands. */
function draw(shape: Shape, random: Random): Tensor {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

function rounded(input: Shape | Tensor, random: Random): Tensor {
  return "data" in input ? { shape: input.shape, data: Float32Array.from(input.data) } : draw(input, random);
}

/** The largest difference relative to the largest reference number (at least 1). */
async function largestError(graph: Graph, feeds: Record<string, Tensor>): Promise<number> {
  const expected = interpret(graph, feeds).outputs;
  const session = await createSession(graph);
  const results = await session.run(feeds);
  let worst = 0;
  for (const [name, { data, shape }] of Object.entries(expected)) {
    const result = results[name]!;
    expect(result.shape).toEqual(shape);
    const numbers = Float64Array.from(data);
    const scale = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    numbers.forEach((x, i) => {
      const error = Math.abs(x - result.data[i]!) / scale;
      worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
    });
  }
  return worst;
}

for (const [name, spec] of Object.entries(opTable))
  describe(`wasm ${name}`, () => {
    const sites = [...spec.samples()].map((sample, i) => {
      const random = new Random(hashName(name) + 1000 + i);
      const feeds = Object.fromEntries(sample.inputs.map((input, k) => [`in${k}`, rounded(input, random)]));
      const g = new GraphBuilder();
      const values = Object.entries(feeds).map(([key, { shape }]) => g.input(key, shape));
      return { g, values, y: g.apply(spec, values, { ...sample.attrs }), feeds, random, attrs: sample.attrs };
    });

    test("forward", async () => {
      for (const { g, y, feeds, attrs } of sites)
        expect(
          await largestError(g.finish({ y }), feeds),
          JSON.stringify({ attrs, inputs: Object.values(feeds).map((f) => f.shape) }),
        ).toBeLessThan(1e-5);
    });

    if (spec.grad !== "none")
      test("gradient", async () => {
        for (const { g, values, y, feeds, random, attrs } of sites) {
          const dy = g.input("dy", y.type.shape);
          const gradients = vectorJacobianProduct(g, y, dy, values);
          const graph = makeGraph({
            inputs: Object.fromEntries([...values, dy].map((value): [string, Value] => [value.name, value])),
            outputs: Object.fromEntries(gradients.map((value, i) => [`d${i}`, value])),
          });
          const error = await largestError(graph, { ...feeds, dy: draw(y.type.shape, random) });
          expect(
            error,
            JSON.stringify({ attrs, inputs: Object.values(feeds).map((f) => f.shape) }),
          ).toBeLessThan(1e-5);
        }
      });
  });
