// A peer in a process of its own, so that its memory, threads and compiled code disturb no other.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../peers/", import.meta.url));
const python = process.env.PYTHON ?? "/usr/bin/python3";
const otherNode = process.env.NODE24;

/** A row of a table: which peer, by which program, and what it is told besides the case. */
const programs = {
  sabok: { label: "sabok", file: "sabok.mjs" },
  ...(otherNode && { sabok24: { label: "sabok", file: "sabok.mjs", program: otherNode } }),
  peak: { label: "SIMD peak", file: "simdPeak.mjs" },
  ...(otherNode && { peak24: { label: "SIMD peak", file: "simdPeak.mjs", program: otherNode } }),
  ort: { label: "onnxruntime-web", file: "ortWeb.mjs" },
  ortNative: { label: "onnxruntime-node", file: "ortNode.mjs" },
  tfjs: { label: "tfjs-wasm", file: "tfjs.mjs" },
  tfjsCpu: { label: "tfjs-cpu", file: "tfjsTraining.mjs" },
  jax: { label: "jax-js", file: "jax.mjs" },
  torch: { label: "PyTorch", file: "torchPeer.py", program: python, options: { layout: "default" } },
  torchLast: { label: "PyTorch channels_last", file: "torchPeer.py", program: python, options: { layout: "channels_last" } },
};

/** @typedef {import("./measure.mjs").Runner & { key: string, label: string, version: string, output: number[], close(): void }} Peer */

/** Those of the peers that are asked for here: our side on another Node only where NODE24 names one. */
export const askedFor = (keys) => keys.filter((key) => key in programs);

/**
 * Starts a peer and has it load a case. Where it is absent or cannot, gives why instead.
 * @param {keyof typeof programs} key
 * @param {{ folder: string, threads?: number, seconds?: number }} task
 * @returns {Promise<Peer | { key: string, label: string, absent: string }>}
 */
export async function openPeer(key, { seconds = 120, ...task }) {
  const { label, file, program = process.execPath, options = {} } = programs[key];
  const flags = program.endsWith("python3") || program.endsWith("python") ? [] : ["--no-warnings"];
  const child = spawn(program, [...flags, folder + file], { stdio: ["pipe", "pipe", "ignore"] });
  const waiting = [];
  let ended;
  const fail = (reason) => {
    ended ??= reason;
    for (const { reject } of waiting.splice(0)) reject(new Error(ended));
  };
  child.on("error", ({ message }) => fail(message));
  child.on("exit", (code) => fail(`its process ended (${code})`));
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (message.error) reject(new Error(message.error));
    else resolve(message);
  });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error(ended));
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(message)}\n`);
    });
  const limit = setTimeout(() => {
    fail(`no result within ${seconds} s`);
    child.kill("SIGKILL");
  }, 1000 * seconds);
  try {
    const { version, output } = await ask({ load: { ...task, ...options } });
    const run = (times) => ask({ run: times });
    return { key, label, name: `${label} ${version}`, version, output, run, close: () => child.stdin.end() };
  } catch (error) {
    child.kill("SIGKILL");
    return { key, label, absent: error.message };
  } finally {
    clearTimeout(limit);
  }
}
