// `npm run conformance [folder]`: runs ONNX's backend test cases and writes docs/conformance.md.
// The cases are Debian's (apt install libonnx-testdata) or any folder in that layout.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, setUp } from "./setUp.mjs";

/** @typedef {{ name: string, status: string, maxError?: number, reason?: string }} Case */

const folder = process.argv[2] ?? "/usr/share/libonnx-testdata/data";
const suites = ["node", "pytorch-converted", "pytorch-operator", "simple"];

/** Why cases that sabok computes otherwise are right to be so, beside the difference. */
const notes = [
  [
    /resize_downsample_scales_(cubic|linear)_align_corners/,
    "The file divides by length·scale − 1 with a length that is not whole; the standard's text, PyTorch and ONNX Runtime divide by the new length − 1, as sabok does.",
  ],
  [
    /dynamicquantizelinear/,
    "A tie that float64 has and float32 has not: −2.5 · 255/5 is −127.5, rounded to the even −128; with the scale rounded to float32 first, as the standard's own numbers have it, it is −127.49999.",
  ],
];

/** What sabok leaves out on purpose, by a pattern of the reason. */
const outside = [
  [/\b(GRU|LSTM|RNN)\b/, "Recurrent networks are outside of a toolkit for convolutional ones."],
  [/\b(NegativeLogLikelihoodLoss|SoftmaxCrossEntropyLoss)\b/, "A loss: sabok trains with its own."],
  [/preview\.training|Adagrad|Adam|Momentum|opset 1;/, "Training operators: sabok trains with its own."],
  [
    /\b(Sequence\w+|ConcatFromSequence|SplitToSequence|Optional\w*|If|Loop|Scan)\b|a sequence or an optional|is not a tensor/,
    "Control flow, sequences and optionals: graphs here are static tensors.",
  ],
  [
    /\b(Bernoulli|RandomUniformLike|RandomNormalLike|Multinomial)\b|random numbers/,
    "Random draws that no two programs share.",
  ],
  [/type 8|holds text|StringNormalizer|TfIdf/, "Text."],
  [/rank 3 and 4/, "Volumes [N,C,D,H,W]: sabok has lines and maps."],
  [/\b(NonZero|Compress|Unique)\b/, "The result's size depends on the numbers; shapes here are static."],
  [/Window|STFT|DFT|MelWeight/, "Signal processing."],
  [/\bReverseSequence\b/, "Sequences of different lengths, which images are not."],
];

setUp();
const lines = [
  "# Conformance",
  "",
  "ONNX's backend test cases, run by `npm run conformance` on the float64 reference with the tolerance of the onnx project's own",
  "runner (0.1 %). *Unsupported* means that sabok refuses the model and says why; the reason stands below for each case.",
  "",
  `Cases: ${folder === "/usr/share/libonnx-testdata/data" ? "Debian's `libonnx-testdata` (ONNX 1.12, opset 17)" : folder}.`,
  "",
  "| suite | cases | passed | failed | unsupported |",
  "|---|---:|---:|---:|---:|",
];
/** @type {(Case & { suite: string })[]} */
const rest = [];
for (const suite of suites.filter((name) => existsSync(join(folder, name)))) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "apps/cli/bin/sabok.mjs"), "onnx-test", join(folder, suite), "--json"],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (!stdout.startsWith("{")) throw new Error(stderr);
  /** @type {{ passed: number, failed: number, unsupported: number, cases: Case[] }} */
  const { passed, failed, unsupported, cases } = JSON.parse(stdout);
  lines.push(`| ${suite} | ${cases.length} | ${passed} | ${failed} | ${unsupported} |`);
  console.log(`${suite}: ${passed} passed, ${failed} failed, ${unsupported} unsupported`);
  rest.push(...cases.filter(({ status }) => status !== "passed").map((each) => ({ ...each, suite })));
}
if (lines.at(-1)?.startsWith("|---"))
  throw new Error(`${folder}: holds no suite; apt install libonnx-testdata.`);

/** @param {string} text */
const flat = (text) => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
/** @type {Map<string, string[]>} */
const groups = new Map();
for (const { suite, name, status, reason = "" } of rest) {
  const operators = [...reason.matchAll(/^ {2}(\S+) \(/gm)].map(([, operator]) => operator);
  const why =
    notes.find(([pattern]) => status === "failed" && /** @type {RegExp} */ (pattern).test(name))?.[1] ??
    outside.find(([pattern]) => /** @type {RegExp} */ (pattern).test(reason))?.[1] ??
    (operators.length > 0
      ? `No rule for ${operators.join(", ")}, which convolutional classifiers, detectors and segmenters do not use.`
      : flat(reason).replaceAll(/"[^"]*"/g, "…"));
  const key = `${status === "failed" ? "Failed" : "Unsupported"}: ${String(why)}`;
  groups.set(key, [...(groups.get(key) ?? []), `${suite}/${name.replace(/^test_/, "")}`]);
}
lines.push("", "## What does not pass, and why", "");
for (const [why, names] of [...groups].sort(([a], [b]) => a.localeCompare(b)))
  lines.push(`- **${why}** (${names.length}) ${names.map((name) => `\`${name}\``).join(", ")}`);
writeFileSync(join(root, "docs/conformance.md"), `${lines.join("\n")}\n`);
console.log("docs/conformance.md");
