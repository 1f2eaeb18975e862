// Memory of the process over training steps: flat after warm-up, because a step allocates nothing but its outputs.
//   node --expose-gc bench/memory.mjs [steps] [batch]
// Prints resident and heap memory as it goes, and the growth over the second half; the last line is JSON.
import { createSession } from "sabok";
import { initialStates, trainingGraph } from "sabok/train";
import { noise } from "./lib/caseFolder.mjs";
import { mobileLike } from "./lib/networks.mjs";

const steps = Number(process.argv[2] ?? 1000);
const batch = Number(process.argv[3] ?? 32);
const network = mobileLike({ batch });
const graph = trainingGraph(network.graph, {
  batch,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
  smoothing: 0.1,
  average: true,
});
const session = await createSession(graph);
session.setStates(initialStates(graph, network.weights));
const target = Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0));
const feeds = { image: noise(batch * 3072), target, rate: Float32Array.of(0.01), averaging: Float32Array.of(0.01) };
const mebibytes = (bytes) => Number((bytes / 2 ** 20).toFixed(1));
const { arenaBytes, arenaLowerBound, bytes } = session.plan;
const plan = { arena: mebibytes(arenaBytes), lowerBound: mebibytes(arenaLowerBound), all: mebibytes(bytes) };
console.log(`arena ${plan.arena} MiB, lower bound ${plan.lowerBound} MiB, all memory ${plan.all} MiB`);
const samples = [];
for (let step = 1; step <= steps; step++) {
  await session.run(feeds);
  if (step % Math.ceil(steps / 10) !== 0) continue;
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  samples.push({ step, resident: mebibytes(rss), heap: mebibytes(heapUsed) });
  console.log(`step ${String(step).padStart(6)}: resident ${mebibytes(rss)} MiB, JavaScript heap ${mebibytes(heapUsed)} MiB`);
}
const growth = Number((samples.at(-1).resident - samples[Math.floor(samples.length / 2) - 1].resident).toFixed(1));
console.log(`growth over the second half: ${growth} MiB`);
console.log(JSON.stringify({ steps, batch, plan, samples, growth }));
