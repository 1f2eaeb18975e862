// The layer whose output first left the finite range is named, also where the step that failed has to be repeated to find it.
import { expect, test } from "vitest";
import { batchNorm, conv2d, globalAvgPool, linear, network, relu } from "../nn/index.ts";
import { createSession } from "../runtime/index.ts";
import { findNonFinite } from "./findNonFinite.ts";
import { initialStates, trainingGraph } from "./trainingGraph.ts";

const net = network({ image: [1, 6, 6] }, ({ image }) => {
  const x = relu(conv2d(image, { out: 4, kernel: 3, name: "first" }));
  return linear(globalAvgPool(batchNorm(conv2d(x, { out: 4, name: "second" }), { name: "norm" })), {
    out: 2,
    name: "head",
  });
});
const optimizer = { kind: "sgd", momentum: 0, nesterov: false, weightDecay: 0 } as const;
const graph = trainingGraph(net.graph, { batch: 4, optimizer, smoothing: 0, average: false });
const states = initialStates(graph, net.weights);
const target = Float32Array.from({ length: 8 }, (_, i) => i % 2);
const ordinary = Float32Array.from({ length: 144 }, (_, i) => Math.sin(i));
const feeds = (image: Float32Array) => ({ image, target, rate: Float32Array.of(0.1) });

test("an infinite pixel is found in the first layer that reads it", async () => {
  const session = await createSession(graph);
  const broken = ordinary.map((x, i) => (i === 17 ? Infinity : x));
  expect(await findNonFinite(session, states, 0, 2, (step) => feeds(step === 2 ? broken : ordinary))).toBe(
    'the output of conv2d "first" is the first that is not finite',
  );
});

test("a variance that overflows is found in the batch norm, before the loss", async () => {
  const session = await createSession(graph);
  const large = ordinary.map((x) => x * 1e25);
  expect(await findNonFinite(session, states, 0, 0, () => feeds(large))).toBe(
    'the output of batchVariance "norm" is the first that is not finite',
  );
});

test("weights that an update made infinite are named", async () => {
  const session = await createSession(graph);
  const wild = { ...feeds(ordinary), rate: Float32Array.of(Infinity) };
  expect(await findNonFinite(session, states, 0, 1, (step) => (step === 0 ? wild : feeds(ordinary)))).toMatch(
    /^the update before it made "(first|second|norm|head)\.\w+" non-finite$/,
  );
});
