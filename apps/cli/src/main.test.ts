// The command as a user meets it: the sources built once, then spawned.
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kernelsPlugin } from "../../../tools/kernelsPlugin.mjs";
import { root } from "../../../tools/setUp.mjs";

/** Where the built command stands: like apps/cli, package.json above dist/, and inside the workspace's packages. */
const home = join(root, "node_modules/.cache/sabok/cli-test");
let work: string;

beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  copyFileSync(join(root, "apps/cli/package.json"), join(home, "package.json"));
  if (!existsSync(join(home, "assets")))
    symlinkSync(join(root, "packages/sabok/assets"), join(home, "assets"), "junction");
  await build({
    configFile: false,
    root,
    logLevel: "error",
    resolve: { tsconfigPaths: true },
    plugins: [kernelsPlugin()],
    ssr: { noExternal: [/^@?sabok/] },
    build: {
      ssr: "apps/cli/src/main.ts",
      outDir: join(home, "dist"),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "main.js" } },
    },
  });
  work = await mkdtemp(join(tmpdir(), "sabok-cli-"));
  writeIdx(join(work, "tiny"), 60, 12);
}, 120_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in the work folder; Ctrl-C comes when stdout has the text `until`. */
function sabok(
  args: readonly string[],
  { env = {}, until }: { env?: NodeJS.ProcessEnv; until?: string } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(home, "dist/main.js"), ...args], {
      cwd: work,
      env: { ...process.env, DEBUG: "", NO_COLOR: "", FORCE_COLOR: "", ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      const before = stdout;
      stdout += chunk.toString();
      if (until !== undefined && stdout.includes(until) && !before.includes(until)) child.kill("SIGINT");
    });
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Two classes of 12x12 images, dark and bright, as IDX files. */
function writeIdx(folder: string, train: number, tested: number): void {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of [
    ["train", train],
    ["t10k", tested],
  ] as const) {
    const images = Buffer.alloc(16 + 144 * count, 0);
    [0x803, count, 12, 12].forEach((word, i) => images.writeUInt32BE(word, 4 * i));
    for (let i = 0; i < 144 * count; i++)
      images[16 + i] = ((i * 7919) % 61) + 150 * (Math.floor(i / 144) % 2);
    const labels = Buffer.alloc(8 + count);
    [0x801, count].forEach((word, i) => labels.writeUInt32BE(word, 4 * i));
    for (let i = 0; i < count; i++) labels[8 + i] = i % 2;
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), images);
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labels);
  }
}

const network = ["--blocks", "ds_r1_k3_s2_c8"];
const quick = [...network, "--batch", "10", "--epochs", "2"];

/** The .npy file of a ramp: 128 bytes, then the numbers. */
function npyOf(shape: readonly number[]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const size = shape.reduce((a, b) => a * b, 1);
  const file = Buffer.alloc(128 + 4 * size, " ");
  file.set([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]);
  file.write(header, 10);
  for (let i = 0; i < size; i++) file.writeFloatLE(i / size, 128 + 4 * i);
  return file;
}

/** The TensorProto of float32 numbers: dims, data_type, raw_data. */
function tensorProto(shape: readonly number[], raw: Buffer): Buffer {
  const length = [(raw.length & 0x7f) | 0x80, raw.length >> 7];
  return Buffer.from([...shape.flatMap((dimension) => [0x08, dimension]), 0x10, 1, 0x4a, ...length, ...raw]);
}

/** Every line of stdout as JSON; throws for anything else. */
function documents({ stdout }: Result): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function expectOneMessage({ status, stdout, stderr }: Result, expected: RegExp, exit = 1): void {
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr.match(/Error:/g)).toHaveLength(1);
  expect(stdout).not.toMatch(/Error/);
  expect(status).toBe(exit);
}

describe("help and usage", () => {
  test("help, with an example for each command, and the version", async () => {
    const pages = await Promise.all(
      [
        ["--help"],
        ["fit", "--help"],
        ["predict", "-h"],
        ["help", "export"],
        ["models", "--help"],
        ["help", "explain"],
        ["bench", "-h"],
      ].map((args) => sabok(args)),
    );
    for (const { status, stdout, stderr } of pages) {
      expect(status).toBe(0);
      expect(stdout).toMatch(/Examples?\n/);
      expect(stderr).toBe("");
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    }
    expect(await sabok(["--version"])).toEqual({
      status: 0,
      stdout: `${(JSON.parse(readFileSync(join(root, "apps/cli/package.json"), "utf8")) as { version: string }).version}\n`,
      stderr: "",
    });
  });

  // The other cases stand in command.test.ts, which does not spawn.
  test.each<[string[], RegExp]>([
    [["fitt"], /Unknown command fitt\. Did you mean fit\?/],
    [["fit", "tiny", "--bugdet", "3M"], /Unknown option --bugdet of sabok fit\. Did you mean --budget\?/],
    [["fit", "tiny"], /Which network\? Give a budget/],
  ])("%j is wrong usage", async (args, message) => {
    expectOneMessage(await sabok(args), message, 2);
  });
});

describe("problems a user can mend", () => {
  test.each<[string[], RegExp]>([
    [
      ["fit", "fashion-mnst", "--budget", "3M"],
      /fashion-mnst: neither a known data set nor an existing folder\. Did you mean fashion-mnist\?/,
    ],
    [
      ["fit", "tiny", "--budget", "1K"],
      /A budget of 1,000 MACs is too small: the smallest network .* has [\d,]+/,
    ],
    [
      ["fit", "tiny", "--blocks", "ds_r1_k4_s2_c8"],
      /column 8: got "4" as kernel size.*\n {2}ds_r1_k4_s2_c8\n {9}\^/,
    ],
    [
      ["fit", "tiny", ...quick, "--out", "tiny/train-images-idx3-ubyte/run"],
      /run cannot be made: a part of the path is a file/,
    ],
    [["fit", "--resume", "nowhere"], /nowhere: no such run folder/],
    [
      ["predict", "tiny/t10k-labels-idx1-ubyte", "a.png"],
      /t10k-labels-idx1-ubyte: not a model; expected \.onnx, \.tflite/,
    ],
  ])("%j", async (args, message) => {
    expectOneMessage(await sabok(args), message);
    // A run that did not begin leaves nothing behind.
    expect(readdirSync(work)).not.toContain("runs");
  });

  test("a loss that leaves the finite range names step and layer and keeps the checkpoint", async () => {
    expectOneMessage(
      await sabok(["fit", "tiny", ...quick, "--lr", "1e30", "--warmup", "0", "--out", "exploded"]),
      /The loss left the finite range at step \d+ .*"\S+".*The last checkpoint is kept/,
    );
    expect(readdirSync(join(work, "exploded/checkpoint"))).toContain("checkpoint.json");
  });

  test("with --json the error is the document, and the stack stands on stderr where DEBUG asks for it", async () => {
    const result = await sabok(["fit", "nowhere", "--budget", "3M", "--json"], { env: { DEBUG: "1" } });
    expect(documents(result)).toEqual([
      { type: "error", name: "SabokError", message: expect.stringMatching(/^nowhere: /) as string },
    ]);
    expect(result.stderr).toMatch(/\n\s+at /);
    expect(result.status).toBe(1);
  });
});

describe("a run", () => {
  test("in words: plain lines of 80 columns without a terminal, and the folder's files", async () => {
    const result = await sabok(["fit", "tiny", ...quick, "--out", "runs/words"]);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    for (const expected of [
      /Data\n/,
      /class +train +validation +test/,
      /layer +output +params +MACs/,
      /wasm, (relaxed-)?simd/,
      /\n +1\/2 /,
      /\n +2\/2 /,
      /top-1/,
      /batch norms folded/,
      /sabok predict runs\/words/,
    ])
      expect(result.stdout).toMatch(expected);
    // oxlint-disable-next-line no-control-regex
    expect(result.stdout).not.toMatch(/\u001B|\r/);
    const prose = result.stdout.split("\n").filter((line) => !line.includes(work));
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(readdirSync(join(work, "runs/words")).sort()).toEqual([
      "checkpoint",
      "metrics.jsonl",
      "model.json",
      "model.onnx",
      "model.safetensors",
      "report.html",
    ]);
    expect(readFileSync(join(work, "runs/words/report.html"), "utf8")).toContain(
      "sabok fit tiny --blocks ds_r1_k3_s2_c8",
    );
    expectOneMessage(
      await sabok(["fit", "tiny", ...quick, "--out", "runs/words"]),
      /runs\/words holds a run already.*--resume runs\/words.*--force/,
    );
  });

  test("with --json: one object an epoch, then the result, and nothing else on stdout", async () => {
    const result = await sabok(["fit", "tiny", ...quick, "--json"]);
    expect(result.status).toBe(0);
    expect(documents(result)).toMatchObject([
      { type: "epoch", epoch: 1, epochs: 2 },
      { type: "epoch", epoch: 2, epochs: 2 },
      {
        type: "result",
        out: "runs/tiny",
        epochs: 2,
        test: { count: 12, classes: [{ name: "0" }, { name: "1" }] },
      },
    ]);
    expect(result.stderr).toMatch(/Training/);
  });

  test("interrupted by Ctrl-C and resumed, it reaches the bits of a run that was not", async () => {
    const options = [
      "fit",
      "tiny",
      ...network,
      "--batch",
      "5",
      "--epochs",
      "40",
      "--seed",
      "7",
      "--json",
      "--out",
    ];
    const straight = sabok([...options, "straight"]);
    const stopped = await sabok([...options, "stopped"], { until: '"epoch":2' });
    const last = documents(stopped).at(-1)!;
    expect(last).toMatchObject({ type: "stopped", epochs: 40, resume: "sabok fit --resume stopped" });
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("sabok fit --resume stopped");
    expect((await sabok(["fit", "--resume", "stopped"])).status).toBe(0);
    await straight;
    for (const file of ["model.safetensors", "model.onnx"])
      expect(readFileSync(join(work, "stopped", file))).toEqual(readFileSync(join(work, "straight", file)));

    const [states] = readdirSync(join(work, "straight/checkpoint")).filter((name) =>
      name.endsWith(".safetensors"),
    );
    truncateSync(join(work, "straight/checkpoint", states!), 500);
    expectOneMessage(
      await sabok(["fit", "--resume", "straight"]),
      /\.safetensors is cut short: it has 500 of \d+ bytes/,
    );
  });
});

describe("a trained model", () => {
  beforeAll(async () => {
    await sabok(["fit", "tiny", ...network, "--batch", "5", "--epochs", "8", "--out", "model"]);
    for (const [name, background] of [
      ["dark.png", "#202020"],
      ["bright.png", "#b8b8b8"],
    ] as const)
      await sharp({ create: { width: 20, height: 16, channels: 3, background } })
        .png()
        .toFile(join(work, name));
  });

  test("predicts, from the folder and from the ONNX file, in words and as JSON", async () => {
    const words = await sabok(["predict", "model", "dark.png", "bright.png"]);
    expect(words).toMatchObject({ status: 0, stderr: "" });
    expect(words.stdout).toMatch(/^dark\.png\n +\d+\.\d % {2}0 .*\n.*\nbright\.png\n +\d+\.\d % {2}1 /);
    const json = await sabok(["predict", "model/model.onnx", "dark.png", "--top", "1", "--json"]);
    expect(documents(json)).toMatchObject([
      {
        type: "predictions",
        model: "model/model.onnx",
        images: [{ file: "dark.png", top: [{ class: "0" }] }],
      },
    ]);
    expectOneMessage(
      await sabok(["predict", "model", "drak.png"]),
      /drak\.png: no such image file\. Did you mean dark\.png\?/,
    );
  });

  test("is exported as ONNX and as safetensors", async () => {
    const onnx = await sabok(["export", "model", "--to", "onnx", "--out", "out/small.onnx", "--json"]);
    expect(documents(onnx)).toMatchObject([
      { type: "export", format: "onnx", files: [{ file: "out/small.onnx" }] },
    ]);
    expect(readFileSync(join(work, "out/small.onnx"))).toEqual(readFileSync(join(work, "model/model.onnx")));
    expect(await sabok(["export", "model", "--to", "safetensors", "-o", "out/small"])).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(readFileSync(join(work, "out/small.safetensors"))).toEqual(
      readFileSync(join(work, "model/model.safetensors")),
    );
    expect(existsSync(join(work, "out/small.json"))).toBe(true);
  });

  test("runs on any data, is converted, and is told from another", async () => {
    const shown = await sabok(["run", "model/model.onnx"]);
    expect(shown).toMatchObject({ status: 0, stderr: "" });
    expect(shown.stdout).toMatch(/logits +\[1,2\]/);
    expect(await sabok(["run", "model/model.onnx", "--out", "numbers"])).toMatchObject({ status: 0 });
    const logits = readFileSync(join(work, "numbers/logits.npy"));
    const [result] = documents(await sabok(["run", "model/model.onnx", "--json"]));
    const { data } = (result!["outputs"] as { data: number[] }[])[0]!;
    expect(data[0]).toBeCloseTo(logits.readFloatLE(logits.length - 8), 5);

    const converted = await sabok(["convert", "model/model.onnx", "out/again.safetensors"]);
    expect(converted).toMatchObject({ status: 0, stderr: "" });
    const same = await sabok(["diff", "model/model.onnx", "out/again.safetensors"]);
    expect(same).toMatchObject({ status: 0, stderr: "" });
    expect(same.stdout).toContain("The two compute the same.");
    const weights = readFileSync(join(work, "out/again.safetensors"));
    weights.writeFloatLE(5, weights.length - 4);
    writeFileSync(join(work, "out/again.safetensors"), weights);
    const [apart] = documents(await sabok(["diff", "model/model.onnx", "out/again.safetensors", "--json"]));
    expect(apart).toMatchObject({ type: "diff", same: false, parting: { layer: expect.any(String) } });
  });

  test("is a backend test case that passes, fails, or is unsupported", async () => {
    const [result] = documents(await sabok(["run", "model/model.onnx", "input.npy", "--json"]));
    expect(result).toMatchObject({ type: "error" });
    writeFileSync(join(work, "input.npy"), npyOf([1, 1, 12, 12]));
    await sabok(["run", "model/model.onnx", "input.npy", "--out", "numbers"]);
    const logits = readFileSync(join(work, "numbers/logits.npy")).subarray(-8);
    for (const [name, offset] of [
      ["test_right", 0],
      ["test_wrong", 1],
    ] as const) {
      const set = join(work, "cases", name, "test_data_set_0");
      mkdirSync(set, { recursive: true });
      copyFileSync(join(work, "model/model.onnx"), join(work, "cases", name, "model.onnx"));
      writeFileSync(
        join(set, "input_0.pb"),
        tensorProto([1, 1, 12, 12], npyOf([1, 1, 12, 12]).subarray(128)),
      );
      const expected = Buffer.from(logits);
      expected.writeFloatLE(expected.readFloatLE(0) + offset, 0);
      writeFileSync(join(set, "output_0.pb"), tensorProto([1, 2], expected));
    }
    mkdirSync(join(work, "cases/test_text"));
    writeFileSync(join(work, "cases/test_text/model.onnx"), "text");
    const { status, stdout } = await sabok(["onnx-test", "cases"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^pass {2}test_right/m);
    expect(stdout).toMatch(/^FAIL {2}test_wrong .* output "logits" differs in 1 of 2 numbers, first at 0/m);
    expect(stdout).toContain("1 passed, 1 failed, 1 unsupported, of 3");
    const [report] = documents(await sabok(["onnx-test", "cases", "--json"]));
    expect(report).toMatchObject({
      passed: 1,
      failed: 1,
      unsupported: 1,
      cases: [{ status: "passed" }, {}, {}],
    });
  });
});

describe("the plan and its time", () => {
  const blocks = "stem_k3_s2_c8 ds_r1_k3_s2_c16 head_c24";

  test("explain: each step, the kernels, and the verdict last, 80 columns wide", async () => {
    const { status, stdout, stderr } = await sabok(["explain", blocks, "--size", "48", "--runs", "3"]);
    expect([status, stderr]).toEqual([0, ""]);
    for (const expected of [
      /inference\n +wasm, .*; \d+ steps, /,
      /features\.1\S* +depthwise +8x12x12 +[\d.]+ (?:[KM]i)?B +10\.4k +[\d.]+ +\d+ % [CMO]\n/,
      /By kernel\n/,
      /A run takes [\d.]+ ms \([\d.]+ to [\d.]+\)\.\n +Bound by \w+: \d+ % of .* at the peaks [\d.]+ ms\.\n$/,
    ])
      expect(stdout).toMatch(expected);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const options = ["--size", "32", "--train", "--batch", "4", "--threads", "2", "--runs", "2", "--json"];
    const [document, ...rest] = documents(await sabok(["explain", blocks, ...options]));
    expect(rest).toEqual([]);
    expect(document).toMatchObject({
      type: "explain",
      model: blocks,
      input: [3, 32, 32],
      batch: 4,
      threads: 2,
      train: true,
    });
    expect(document!["steps"]).toContainEqual(expect.objectContaining({ op: "adamStep" }));
    expect(document!["verdict"]).toMatch(/^Bound by /);
  });

  test("bench: the shortest, the median and the longest run, and a trace", async () => {
    const options = ["--size", "32", "--runs", "3"];
    const words = await sabok(["bench", blocks, ...options]);
    expect(words).toMatchObject({ status: 0, stderr: "" });
    expect(words.stdout).toMatch(
      /model +batch +threads +min +median +max +images\/s\n.* 1 +1( +[\d.]+){4}\n$/,
    );
    const [result, trace] = documents(
      await sabok(["bench", blocks, ...options, "--trace", "trace.json", "--json"]),
    );
    expect(result).toMatchObject({ type: "bench", runs: 3, batch: 1, threads: 1, train: false });
    expect(trace).toEqual({ type: "trace", file: "trace.json" });
    const { traceEvents } = JSON.parse(readFileSync(join(work, "trace.json"), "utf8")) as {
      traceEvents: { ph: string; ts?: number; dur?: number; args: Record<string, unknown> }[];
    };
    const steps = traceEvents.filter(({ ph }) => ph === "X");
    expect(steps.length).toBeGreaterThan(4);
    // One after the other.
    for (const [i, { ts, dur }] of steps.slice(0, -1).entries())
      expect(ts! + dur!).toBeCloseTo(steps[i + 1]!.ts!, 3);
    expectOneMessage(
      await sabok(["bench", "mobilenet_v9"]),
      /no model named "mobilenet_v9"\. Did you mean mobilenet_v1 or mobilenet_v2\?/,
    );
  });
});

test("models lists names, parameters and MACs, in words and as one document", async () => {
  const words = await sabok(["models"]);
  expect(words.stdout).toMatch(/mobilenet_v2 +3\.5M +301M +3x224x224/);
  const [document, ...rest] = documents(await sabok(["models", "--json"]));
  expect(rest).toEqual([]);
  expect(document!["models"]).toContainEqual(
    expect.objectContaining({ name: "resnet18", parameters: 11_689_512, macs: 1_814_073_344 }),
  );
});
