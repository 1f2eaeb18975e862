// One training step of a MobileNetV2-like network (32x32x3, batch 32), sabok against PyTorch eager in both layouts, one
// thread each: rounds of a few steps in turn, medians and their ratio. PyTorch is skipped with a line where it is absent.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createSession } from "sabok";
import { initialStates, trainingGraph } from "sabok/train";
import { mobileLike, spec } from "./mobileLike.mjs";

const rounds = Number(process.argv[2] ?? 12);
const stepsPerRound = 5;
const python = process.env.PYTHON ?? "/usr/bin/python3";

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function sabokRunner() {
  const network = mobileLike();
  const optimizer = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 };
  const graph = trainingGraph(network.graph, { batch: spec.batch, optimizer, smoothing: 0, average: false });
  const session = await createSession(graph);
  session.setStates(initialStates(graph, network.weights));
  const target = new Float32Array(spec.batch * 10);
  for (let n = 0; n < spec.batch; n++) target[n * 10 + (n % 10)] = 1;
  const image = Float32Array.from({ length: spec.batch * 3072 }, (_, i) => Math.sin(i * 12.9898) * 1.5);
  const feeds = { image, target, rate: Float32Array.of(0.01) };
  const run = async (steps) => {
    const times = [];
    for (let i = 0; i < steps; i++) {
      const begun = performance.now();
      await session.run(feeds);
      times.push(performance.now() - begun);
    }
    return times;
  };
  return { name: `sabok (${session.backend}, Node ${process.versions.node})`, run, close() {} };
}

function torchRunner(layout) {
  return new Promise((resolve) => {
    const child = spawn(python, [new URL("trainStep.py", import.meta.url).pathname, JSON.stringify(spec), "1", layout], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.on("error", () => resolve(undefined));
    child.on("exit", () => resolve(undefined));
    const lines = createInterface({ input: child.stdout });
    let answer = (line) => {
      const { version } = JSON.parse(line);
      const run = (steps) =>
        new Promise((done) => {
          answer = (times) => done(JSON.parse(times));
          child.stdin.write(`${steps}\n`);
        });
      resolve({ name: `PyTorch ${version}, ${layout}, 1 thread`, run, close: () => child.stdin.end() });
    };
    lines.on("line", (line) => answer(line));
  });
}

const runners = (await Promise.all([sabokRunner(), torchRunner("default"), torchRunner("channels_last")])).filter(Boolean);
if (runners.length < 3) console.log(`PyTorch was not found as ${python} (set PYTHON); sabok alone:`);
for (const runner of runners) await runner.run(stepsPerRound * 2);
const times = new Map(runners.map((runner) => [runner, []]));
for (let round = 0; round < rounds; round++) for (const runner of runners) times.get(runner).push(...(await runner.run(stepsPerRound)));
const [own] = runners;
for (const [runner, all] of times) {
  const row = [Math.min(...all), median(all), Math.max(...all)].map((ms) => ms.toFixed(1).padStart(7)).join(" ");
  console.log(`${runner.name.padEnd(52)} min/median/max ms ${row}   ratio to sabok ${(median(all) / median(times.get(own))).toFixed(2)}`);
  runner.close();
}
