// A skip's sum, and the activation after it, are computed by the convolution before them: fewer steps, the same numbers.
import { expect, test } from "vitest";
import { Random, type Tensor } from "../core/index.ts";
import { interpret } from "../backends/reference/index.ts";
import {
  activate,
  add,
  batchNorm,
  conv2d,
  globalAvgPool,
  linear,
  network,
  type Network,
} from "../nn/index.ts";
import type { Value } from "../graph/index.ts";
import { foldBatchNorm, fuseActivation, toInference } from "../passes/index.ts";
import { createSession } from "./session.ts";

/** Steps of the folded and fused plan, and its largest difference to the float64 reference of the same graph. */
async function compare(
  net: Network,
  feeds: Record<string, Tensor>,
): Promise<{ kernels: string[]; error: number }> {
  const folded = foldBatchNorm(toInference(net.graph), net.weights);
  const graph = fuseActivation(folded.graph);
  const session = await createSession(graph);
  session.setStates(folded.weights);
  const { logits } = await session.run(feeds);
  const expected = interpret(graph, feeds, folded.weights).outputs["logits"]!;
  const error = Float64Array.from(expected.data).reduce(
    (worst, x, i) => Math.max(worst, Math.abs(x - logits!.data[i]!)),
    0,
  );
  return { kernels: session.plan.steps.map(({ call }) => (call === "host" ? "host" : call.kernel)), error };
}

const random = new Random(9);
const feeds = {
  image: { shape: [2, 8, 9, 7], data: Float32Array.from({ length: 1008 }, () => random.normal()) },
};

function net(tail: (x: Value, y: Value) => Value, kernel = 1): Network {
  return network({ image: [8, 9, 7] }, ({ image }) => {
    const y = batchNorm(conv2d(image, { out: 8, kernel, padding: "same" }));
    return linear(globalAvgPool(tail(image, y)), { out: 3 });
  });
}

test.each([
  ["sum", net((x, y) => add(x, y))],
  ["sum in the other order", net((x, y) => add(y, x))],
  ["sum and relu", net((x, y) => activate(add(y, x), "relu"))],
  ["sum and hardSwish", net((x, y) => activate(add(y, x), "hardSwish"))],
  ["sum and relu after a 3x3 convolution", net((x, y) => activate(add(y, x), "relu"), 3)],
])("a %s becomes part of the convolution", async (_, network_) => {
  const { kernels, error } = await compare(network_, feeds);
  expect(kernels).not.toContain("binary");
  expect(kernels).not.toContain("activation");
  expect(error).toBeLessThan(1e-5);
});

test("a sum whose convolution has another reader, or that broadcasts, stays a step of its own", async () => {
  for (const tail of [
    (x: Value, y: Value) => add(add(x, y), activate(y, "sigmoid")),
    (x: Value, y: Value) => add(y, globalAvgPool(x, { keepDims: true })),
  ]) {
    const { kernels, error } = await compare(net(tail), feeds);
    expect(kernels).toContain("binary");
    expect(error).toBeLessThan(1e-5);
  }
});
