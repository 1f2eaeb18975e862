// A fresh process to the first MobileNetV2 result: Node's own start, imports, the model's files, compiling, one run. sabok begins with its own pair of
// files, and, as onnxruntime does, with model.onnx.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { mobilenetV2 } from "sabok/models";
import { writeCase } from "../lib/caseFolder.mjs";
import { interleave } from "../lib/measure.mjs";
import { readCase } from "../lib/readCase.mjs";
import { tfjsGraph } from "../lib/tfjsGraph.mjs";

const scripts = fileURLToPath(new URL("../coldStart/", import.meta.url));
const other = process.env.NODE24;

const starters = [
  { peer: "sabok", label: "sabok", script: "sabok" },
  ...(other ? [{ peer: "sabok24", label: "sabok", script: "sabok", program: other }] : []),
  { peer: "sabokOnnx", label: "sabok, from model.onnx", script: "sabokOnnx" },
  { peer: "tfjs", label: "tfjs-wasm", script: "tfjs" },
  { peer: "ort", label: "onnxruntime-web", script: "ortWeb" },
  { peer: "bare", label: "Node alone", script: "bare" },
];

/** Milliseconds from the start of a process to its first line, and what is on it: the result and the processor time until then. */
function startOnce(program, script, folder) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(program, ["--no-warnings", `${scripts}${script}.mjs`, folder], { stdio: ["ignore", "pipe", "pipe"] });
    let [first, errors] = [undefined, ""];
    child.stdout.once("data", (line) => {
      const [result, cpu] = String(line).split(" ").map(Number);
      first = { milliseconds: performance.now() - begun, result, cpu };
    });
    child.stderr.on("data", (text) => (errors += text));
    child.on("error", reject);
    child.on("close", () => (first ? resolve(first) : reject(new Error(errors.split("\n").find((line) => line.includes("Error")) ?? errors))));
  });
}

async function measure({ rounds }) {
  const { folder, remove } = writeCase(mobilenetV2(), { kind: "inference", batch: 1 });
  const { weightData, ...model } = tfjsGraph(readCase(folder));
  writeFileSync(`${folder}/tfjs.json`, JSON.stringify(model));
  writeFileSync(`${folder}/tfjs.bin`, Buffer.from(weightData));
  try {
    const rows = new Map();
    let expected;
    for (const { peer, label, script, program = process.execPath } of starters) {
      const row = { peer, label, threads: 1 };
      const runner = {
        async run() {
          const { milliseconds, cpu } = await startOnce(program, script, folder);
          return { times: [milliseconds], cpu };
        },
      };
      rows.set(runner, row);
      try {
        const { result } = await startOnce(program, script, folder);
        expected ??= result;
        if (peer !== "bare" && Math.abs(result - expected) > 1e-3) row.absent = `its result is ${result}, not ${expected}: not timed`;
        else row.version = peer === "sabok24" ? "Node 24" : `Node ${process.versions.node}`;
      } catch (error) {
        row.absent = error.message;
      }
    }
    const able = [...rows.keys()].filter((runner) => !rows.get(runner).absent);
    const spreads = await interleave(able, { rounds: Math.max(rounds, 5), turn: 0, warm: 0 });
    return [...rows].map(([runner, row]) => ({ ...row, ...spreads.get(runner) }));
  } finally {
    remove();
  }
}

/** @type {import("../main.mjs").Group} */
export const coldStart = {
  title: "Cold start: a fresh process to the first MobileNetV2 result",
  unit: "ms",
  cases: [{ id: "mobilenet_v2", measure }],
};
