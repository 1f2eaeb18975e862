// A training step: forward with batch statistics, cross-entropy, backward, SGD with Nesterov momentum and weight decay.
import { mobilenetV3Small } from "sabok/models";
import { mobileLike, plainCnn } from "../lib/networks.mjs";
import { comparePeers } from "../lib/comparePeers.mjs";

const options = {
  kind: "training",
  batch: 32,
  classes: 10,
  rate: 0.01,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
};

const networks = {
  "mobilenetv2-like, 32x32": { build: () => mobileLike(), jax: true },
  "plain CNN, 32x32": { build: () => plainCnn(), jax: true, tfjsCpu: true },
  "mobilenet_v3_small, 96x96": { build: () => mobilenetV3Small({ classes: 10, input: [3, 96, 96], dropout: 0 }) },
};

/** @type {import("../main.mjs").Group} */
export const training = {
  title: "A training step, batch 32",
  unit: "ms",
  cases: Object.entries(networks).map(([id, { build, jax, tfjsCpu }]) => ({
    id,
    measure: (settings) =>
      comparePeers(build(), {
        ...options,
        settings,
        threads: [1, 2],
        peers: ["sabok", "sabok24", "torch", "torchLast"],
        slow: [jax && "jax", tfjsCpu && settings.slow && "tfjsCpu"].filter(Boolean),
        // Of the losses of the first three steps.
        tolerance: 1e-3,
      }),
  })),
};
