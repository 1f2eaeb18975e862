// Three training steps of a small MobileNetV3 block net against PyTorch's: losses, weights, running statistics.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../core/index.ts";
import { add, batchNorm, conv2d, globalAvgPool, linear, network, scope, squeezeExcite } from "../nn/index.ts";
import { createSession } from "../runtime/index.ts";
import { createEvaluationSession } from "./evaluate.ts";
import { initialStates, trainingGraph } from "./trainingGraph.ts";
import type { Optimizer } from "./optimizer.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Step {
  readonly loss: number;
  readonly logits: Stored;
  readonly state: Readonly<Record<string, Stored>>;
}
interface Run {
  readonly step1: Step;
  readonly step2: Step;
  readonly step3: Step;
  readonly evalLogits: Stored;
  readonly attrs: { readonly lr: number; readonly weightDecay: number };
}

function golden<T>(file: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../golden/trainStep/${file}.json`, import.meta.url), "utf8"),
  ) as T;
}

const initial = golden<{
  input: Stored;
  labels: number[];
  classes: number;
  state: Record<string, Stored>;
  decayed: string[];
}>("initial");

function tensorOf({ shape, data }: Stored): Tensor {
  return { shape, data: Float32Array.from(data) };
}

/** The network of golden/README.md. */
function build() {
  return network(
    { image: [3, 12, 12] },
    ({ image }) => {
      const a = scope("features.0", () => {
        const z = conv2d(image, { out: 8, kernel: 3, stride: 2, padding: 1, name: "0" });
        return batchNorm(z, { activation: "relu6", name: "1" });
      });
      const block = scope("features.1.block", () => {
        const expanded = scope("0", () =>
          batchNorm(conv2d(a, { out: 12, name: "0" }), { activation: "relu6", name: "1" }),
        );
        const b = scope("1", () =>
          batchNorm(conv2d(expanded, { out: 12, kernel: 3, padding: 1, groups: 12, name: "0" }), {
            activation: "hardSwish",
            name: "1",
          }),
        );
        const gated = squeezeExcite(b, { squeeze: 4, name: "2" });
        return scope("3", () => batchNorm(conv2d(gated, { out: 8, name: "0" }), { name: "1" }));
      });
      return linear(globalAvgPool(add(block, a)), { out: 5, name: "classifier" });
    },
    { batch: 8 },
  );
}

/** The largest difference over the largest number of the expected ones. */
function relativeError(got: ArrayLike<number>, expected: readonly number[]): number {
  const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
  return expected.reduce((worst, x, i) => Math.max(worst, Math.abs(x - got[i]!) / scale), 0);
}

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 4e-5 },
  adamw: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
};

describe.each(Object.entries(optimizers))("three steps of %s", (name, optimizer) => {
  test("give PyTorch's losses, weights and running statistics", async () => {
    const run = golden<Run>(name);
    expect(run.attrs.weightDecay).toBe(optimizer.weightDecay);
    const net = build();
    const graph = trainingGraph(net.graph, { batch: 8, optimizer, smoothing: 0.1, average: false });
    const session = await createSession(graph);
    session.setStates(
      initialStates(
        graph,
        new Map(Object.entries(initial.state).map(([key, value]) => [key, tensorOf(value)])),
      ),
    );
    const target = new Float32Array(8 * initial.classes);
    initial.labels.forEach((label, row) => (target[row * initial.classes + label] = 1));
    const feeds = { image: tensorOf(initial.input), target, rate: Float32Array.of(run.attrs.lr) };
    for (const step of [run.step1, run.step2, run.step3]) {
      const { loss, logits } = await session.run(feeds);
      expect(relativeError(loss!.data, [step.loss])).toBeLessThan(1e-5);
      expect(relativeError(logits!.data, step.logits.data)).toBeLessThan(1e-5);
      const states = session.getStates(Object.keys(step.state));
      for (const [key, expected] of Object.entries(step.state))
        expect(relativeError(states.get(key)!.data, expected.data), key).toBeLessThan(1e-5);
    }
    const evaluation = await createEvaluationSession(net.graph, 8);
    evaluation.setStates(session.getStates());
    const { logits } = await evaluation.run({ image: feeds.image });
    expect(relativeError(logits!.data, run.evalLogits.data)).toBeLessThan(1e-5);
  });
});
