// Any number of threads gives the same bits, and a session with threads can be asked for more than there are cores.
import { describe, expect, test } from "vitest";
import { Random } from "../core/index.ts";
import { add, batchNorm, conv2d, globalAvgPool, linear, network } from "../nn/index.ts";
import { initialStates, trainingGraph } from "../train/index.ts";
import { createSession } from "./session.ts";

const net = network({ image: [3, 17, 17] }, ({ image }) => {
  const x = batchNorm(conv2d(image, { out: 24, kernel: 3, stride: 2, padding: 1 }), { activation: "relu6" });
  const y = batchNorm(conv2d(x, { out: 24, kernel: 3, padding: 1, groups: 24 }), { activation: "hardSwish" });
  return linear(globalAvgPool(add(x, batchNorm(conv2d(y, { out: 24 })))), { out: 7 });
});
const optimizer = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 } as const;
const graph = trainingGraph(net.graph, { batch: 8, optimizer, smoothing: 0.1, average: true });
const random = new Random(5);
const image = Float32Array.from({ length: 8 * 3 * 17 * 17 }, () => random.normal());
const target = Float32Array.from({ length: 8 * 7 }, (_, i) => (i % 7 === Math.floor(i / 7) % 7 ? 1 : 0));

/** Every state after some steps, as bytes. */
async function train(threads: number, steps: number): Promise<Map<string, Float32Array>> {
  const session = await createSession(graph, { threads });
  try {
    session.setStates(initialStates(graph, net.weights));
    for (let i = 0; i < steps; i++)
      await session.run({ image, target, rate: Float32Array.of(0.01), averaging: Float32Array.of(0.1) });
    return new Map([...session.getStates()].map(([name, { data }]) => [name, data]));
  } finally {
    session.close();
  }
}

describe("threads", () => {
  test("1, 2, 3 and 4 threads give the same bits after 12 training steps", async () => {
    const one = await train(1, 12);
    for (const threads of [2, 3, 4]) {
      const many = await train(threads, 12);
      for (const [name, data] of one) expect(many.get(name), `${name} with ${threads} threads`).toEqual(data);
    }
  });

  test("24 threads work, past the point where the generation's rendezvous falls", async () => {
    const [one, many] = [await train(1, 3), await train(24, 3)];
    expect(many).toEqual(one);
    const session = await createSession(graph, { threads: 2 });
    session.setStates(initialStates(graph, net.weights));
    for (let i = 0; i < 1100; i++)
      await session.run({ image, target, rate: Float32Array.of(0), averaging: Float32Array.of(0) });
    expect(session.backend).toMatch(/2 threads$/);
    session.close();
  });

  test("a number of threads that is not one is refused", async () => {
    await expect(createSession(graph, { threads: 0 })).rejects.toThrow(/threads is 0/);
  });
});
