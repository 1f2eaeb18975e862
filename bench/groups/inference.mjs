// Inference of whole networks at 224x224: an image goes in, logits come out.
import { models } from "sabok/models";
import { comparePeers } from "../lib/comparePeers.mjs";

const names = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "resnet18"];

/** @type {import("../main.mjs").Group} */
export const inference = {
  title: "Inference at 224x224",
  unit: "ms",
  cases: [1, 8].flatMap((batch) =>
    names.map((name) => ({
      id: `${name}, batch ${batch}`,
      measure: (settings) =>
        comparePeers(models.find((model) => model.name === name).build(), {
          kind: "inference",
          batch,
          settings,
          threads: [1, 2],
          peers: ["sabok", "sabok24", "tfjs", "ort", "torch", "ortNative"],
          tolerance: 1e-4,
        }),
    })),
  ),
};
