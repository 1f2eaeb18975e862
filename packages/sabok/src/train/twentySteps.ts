// Twenty training steps of a small network on numbers from a formula: the same in Node and in a page, for the browser test.
import { add, batchNorm, conv2d, globalAvgPool, linear, network, squeezeExcite } from "../nn/index.ts";
import { createSession } from "../runtime/index.ts";
import { initialStates, trainingGraph } from "./trainingGraph.ts";

/** The loss of each step. */
export async function twentySteps(threads: number): Promise<{ losses: number[]; backend: string }> {
  const net = network({ image: [3, 16, 16] }, ({ image }) => {
    const stem = batchNorm(conv2d(image, { out: 16, kernel: 3, stride: 2, padding: 1 }), {
      activation: "hardSwish",
    });
    const middle = batchNorm(conv2d(stem, { out: 48 }), { activation: "relu6" });
    const depthwise = batchNorm(conv2d(middle, { out: 48, kernel: 3, padding: 1, groups: 48 }), {
      activation: "hardSwish",
    });
    const gated = squeezeExcite(depthwise, { squeeze: 16 });
    return linear(globalAvgPool(add(stem, batchNorm(conv2d(gated, { out: 16 })))), { out: 5 });
  });
  const batch = 16;
  const optimizer = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 } as const;
  const graph = trainingGraph(net.graph, { batch, optimizer, smoothing: 0.1, average: false });
  const session = await createSession(graph, { threads });
  session.setStates(initialStates(graph, net.weights));
  const losses: number[] = [];
  for (let step = 0; step < 20; step++) {
    const label = (n: number): number => (n + step) % 5;
    const image = Float32Array.from({ length: batch * 768 }, (_, i) =>
      Math.sin((i % 768) * (1 + label(Math.floor(i / 768))) * 0.37 + step),
    );
    const target = Float32Array.from({ length: batch * 5 }, (_, i) =>
      i % 5 === label(Math.floor(i / 5)) ? 1 : 0,
    );
    const { loss } = await session.run({ image, target, rate: Float32Array.of(0.05) });
    losses.push(loss!.data[0]!);
  }
  session.close();
  return { losses, backend: session.backend };
}
