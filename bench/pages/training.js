// A network made in the page, trained in steps, and then asked.
import { batchNorm, compile, conv2d, createSession, globalAvgPool, linear, network } from "sabok";
import { initialStates, trainingGraph } from "sabok/train";

const net = network({ image: [3, 32, 32] }, ({ image }) =>
  linear(globalAvgPool(batchNorm(conv2d(image, { out: 16, kernel: 3, stride: 2, padding: 1 }), { activation: "relu6" })), { out: 10 }),
);
const optimizer = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const graph = trainingGraph(net.graph, { batch: 32, optimizer, smoothing: 0.1, average: false });
const step = await createSession(graph);
step.setStates(initialStates(graph, net.weights));
await step.run({ image: new Float32Array(32 * 3072), target: new Float32Array(320).fill(0.1), rate: Float32Array.of(0.01) });
const session = await compile({ graph: net.graph, weights: step.getStates() });
window.result = (await session.run({ image: new Float32Array(3072) })).logits.data;
