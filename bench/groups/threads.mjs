// More threads, more threads than cores, and a busy process beside: the numbers must be the same bits, the time gentle.
import { spawn } from "node:child_process";
import { mobilenetV2 } from "sabok/models";
import { comparePeers } from "../lib/comparePeers.mjs";
import { mobileLike } from "../lib/networks.mjs";

const training = {
  kind: "training",
  batch: 32,
  classes: 10,
  rate: 0.01,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
};

const jobs = {
  "training step, mobilenetv2-like": { build: () => mobileLike(), options: training },
  "mobilenet_v2, batch 8": { build: () => mobilenetV2(), options: { kind: "inference", batch: 8 } },
};

async function besideBusyProcess(work) {
  const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  try {
    return await work();
  } finally {
    busy.kill();
  }
}

/** @type {import("../main.mjs").Group} */
export const threads = {
  title: "Threads",
  unit: "ms",
  cases: Object.entries(jobs).flatMap(([name, { build, options }]) =>
    [false, true].map((isBusy) => ({
      id: `${name}${isBusy ? ", a busy process beside" : ""}`,
      measure: (settings) => {
        const work = () => comparePeers(build(), { ...options, settings, threads: [1, 2, 3, 4, 24], peers: ["sabok"], tolerance: 0 });
        return isBusy ? besideBusyProcess(work) : work();
      },
    })),
  ),
};
