import { test } from "vitest";
import { openDataset } from "../node/data/index.ts";
import { fit } from "../train/index.ts";
import { evaluateClassifier, createEvaluationSession } from "../train/evaluate.ts";
import { blockStringNetwork, namedNetwork } from "./models/index.ts";
import { countMacs } from "../analysis/index.ts";
import { trainingOptions } from "../recipes/defaults.ts";
test("train", async () => {
  const data = await openDataset("fashion-mnist", { seed: 1 } as never);
  console.log(data.train.indices.length, data.validation.indices.length, data.test.indices.length);
  const nets = (process.env["NETS"] ?? "").split(";");
  for (const t of nets) {
    const net = blockStringNetwork(t, { input: [1, 28, 28], classes: 10, seed: 1 });
    const options = trainingOptions({ epochs: Number(process.env["EPOCHS"] ?? 3) }, data);
    const t0 = performance.now();
    const r = await fit(net, data, options, { onEpoch: (m) => { if (m) console.log(m.epoch, m.loss.toFixed(4), m.accuracy.toFixed(4), m.validation?.accuracy.toFixed(4), m.imagesPerSecond.toFixed(0)); } });
    console.log("RESULT", t, countMacs(net.graph), r.history.at(-1)!.validation?.accuracy, ((performance.now() - t0) / 1000).toFixed(1));
  }
}, 3000000);
