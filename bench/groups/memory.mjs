// Resident memory over many training steps of the MobileNetV2-like network.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const script = fileURLToPath(new URL("../memory.mjs", import.meta.url));

async function measure({ quick }) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, quick ? "200" : "10000", "8"]);
  const { steps, batch, plan, samples, growth } = JSON.parse(stdout.trimEnd().split("\n").at(-1));
  return samples.map((sample) => ({ peer: "sabok", label: "sabok", steps, batch, ...sample, plan, growth }));
}

/** @type {import("../main.mjs").Group} */
export const memory = {
  title: "Memory over 10,000 training steps, batch 8",
  unit: "MiB",
  cases: [{ id: "mobilenetv2-like, 32x32", measure }],
};
