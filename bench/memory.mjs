// Memory of the process over training steps: flat after warm-up, because a step allocates nothing but its outputs.
// Prints resident and heap memory as it goes, and the growth over the second half.
import { createSession } from "sabok";
import { initialStates, trainingGraph } from "sabok/train";
import { mobileLike, spec } from "./mobileLike.mjs";

const steps = Number(process.argv[2] ?? 1000);
const batch = Number(process.argv[3] ?? spec.batch);
const network = mobileLike({ ...spec, batch });
const graph = trainingGraph(network.graph, {
  batch,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
  smoothing: 0.1,
  average: true,
});
const session = await createSession(graph);
session.setStates(initialStates(graph, network.weights));
const image = Float32Array.from({ length: batch * 3072 }, (_, i) => Math.sin(i * 12.9898));
const target = Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0));
const feeds = { image, target, rate: Float32Array.of(0.01), averaging: Float32Array.of(0.01) };
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
console.log(`arena ${mebibytes(session.plan.arenaBytes)} MiB, lower bound ${mebibytes(session.plan.arenaLowerBound)} MiB, all memory ${mebibytes(session.plan.bytes)} MiB`);
const resident = [];
for (let step = 1; step <= steps; step++) {
  await session.run(feeds);
  if (step % (steps / 10) !== 0) continue;
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  resident.push(rss);
  console.log(`step ${String(step).padStart(6)}: resident ${mebibytes(rss)} MiB, JavaScript heap ${mebibytes(heapUsed)} MiB`);
}
console.log(`growth over the second half: ${mebibytes(resident.at(-1) - resident[4])} MiB`);
