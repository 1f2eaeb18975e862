// `npm run fuzz [seconds]`: hands every reader of model files 20,000 damaged files a format, within the given time (60 s a format if
// not given). A file may be refused with a SabokError; anything else, a read that takes 2 s, or a process that grows beyond 500 MB is a
// finding.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, setUp } from "./setUp.mjs";

const filesEach = 20_000;
const seconds = Number(process.argv[2] ?? 60);
const longestRead = 2_000;
const mostMemory = 5e8;

setUp();
const { SabokError, conv2d, globalAvgPool, linear, network, relu } = await import("sabok");
const {
  fromOnnx,
  fromTfjs,
  fromTflite,
  readModelJson,
  readSafetensors,
  toOnnx,
  writeModelJson,
  writeSafetensors,
} = await import("sabok/onnx");

const { graph, weights } = network({ image: [3, 8, 8] }, ({ image }) =>
  linear(globalAvgPool(relu(conv2d(image, { out: 4, kernel: 3 }))), { out: 2 }),
);
const text = new TextEncoder();
const tfjs = JSON.stringify({
  modelTopology: {
    node: [
      { name: "x", op: "Placeholder", attr: { shape: { shape: { dim: [{ size: "2" }, { size: "3" }] } } } },
      { name: "w", op: "Const" },
      { name: "y", op: "MatMul", input: ["x", "w"], attr: { transpose_a: { b: false } } },
      { name: "parts", op: "Split", input: ["one", "y"], attr: { num_split: { i: "2" } } },
      { name: "sizes", op: "Shape", input: ["parts:1"] },
      { name: "first", op: "StridedSlice", input: ["sizes", "zero", "one", "one"] },
      { name: "z", op: "Tile", input: ["parts", "ones"] },
      { name: "ones", op: "Pack", input: ["first", "one"], attr: { axis: { i: "0" } } },
      { name: "flat", op: "Reshape", input: ["z", "minus"] },
      { name: "one", op: "Const" },
      { name: "zero", op: "Const" },
      { name: "minus", op: "Const" },
    ],
  },
  weightsManifest: [
    {
      paths: ["w"],
      weights: [
        { name: "w", shape: [3, 2], dtype: "float32" },
        { name: "one", shape: [1], dtype: "int32" },
        { name: "zero", shape: [1], dtype: "int32" },
        { name: "minus", shape: [1], dtype: "int32" },
      ],
    },
  ],
});
const tfjsNumbers = new Uint8Array(new Int32Array([0, 0, 0, 0, 0, 0, 1, 0, -1]).buffer);
/** @type {readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[]} */
const formats = [
  ["ONNX", toOnnx(graph, weights), (bytes) => fromOnnx(bytes)],
  ["safetensors", writeSafetensors(weights), (bytes) => readSafetensors(bytes)],
  [
    "model.json",
    text.encode(writeModelJson(graph)),
    (bytes) => readModelJson(new TextDecoder().decode(bytes)),
  ],
  [
    "tfjs",
    text.encode(tfjs),
    (bytes) => fromTfjs(new TextDecoder().decode(bytes), new Map([["w", tfjsNumbers]])),
  ],
  .../** @type {const} */ (["quantised", "shapes", "folding"]).map(
    (name) =>
      /** @type {const} */ ([
        `TFLite (${name})`,
        new Uint8Array(readFileSync(join(root, `packages/sabok/golden/tflite/${name}.tflite`))),
        (/** @type {Uint8Array} */ bytes) => fromTflite(bytes),
      ]),
  ),
];

let findings = 0;
for (const [name, file, read] of formats) {
  const random = seeded(file.length);
  const start = performance.now();
  let [count, slowest, memory] = [0, 0, 0];
  for (; count < filesEach && performance.now() - start < 1000 * seconds; count++) {
    const bytes = damaged(file, random, count);
    const begin = performance.now();
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof SabokError)) report(name, count, error instanceof Error ? error.stack : error);
    }
    const took = performance.now() - begin;
    slowest = Math.max(slowest, took);
    if (took > longestRead) report(name, count, `took ${Math.round(took)} ms`);
    if (count % 100 === 0) memory = Math.max(memory, process.memoryUsage().rss);
    if (memory > mostMemory) report(name, count, `uses ${Math.round(memory / 1e6)} MB`);
  }
  console.log(
    `${name}: ${count} files in ${((performance.now() - start) / 1000).toFixed(1)} s, slowest ${Math.round(slowest)} ms, at most ${Math.round(memory / 1e6)} MB`,
  );
}
if (findings > 0) process.exitCode = 1;

/** @param {string} name @param {number} count @param {unknown} what */
function report(name, count, what) {
  if (findings++ < 20) console.log(`FINDING ${name} file ${count}: ${String(what)}`);
}

/** @param {Uint8Array} file @param {{ integer(bound: number): number }} random @param {number} i */
function damaged(file, random, i) {
  if (i < file.length) return file.slice(0, i);
  let bytes = file.slice();
  for (let k = random.integer(6); k >= 0; k--) {
    const at = random.integer(bytes.length);
    const way = random.integer(4);
    if (way === 0) bytes[at] ^= 1 << random.integer(8);
    else if (way === 1) bytes[at] = random.integer(256);
    else if (way === 2)
      bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + random.integer(8))]);
    else bytes.copyWithin(at, random.integer(bytes.length), Math.min(bytes.length, at + random.integer(16)));
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** A seeded generator (mulberry32), so that a finding can be made again. @param {number} seed */
function seeded(seed) {
  let state = seed >>> 0;
  return {
    /** @param {number} bound */
    integer(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * bound);
    },
  };
}
