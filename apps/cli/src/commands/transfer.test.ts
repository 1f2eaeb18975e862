// fit --from on weights, runs and ONNX files; run --boxes; and models whose weights lie beside them, in every command.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArgsDef } from "citty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { globalAvgPool, linear, network, reshape, toInference, type Tensor } from "sabok";
import { toOnnx } from "sabok/onnx";
import sharp from "sharp";
import { readArguments, type Command } from "../command.ts";
import { Terminal } from "../terminal.ts";
import { analyzeCommand } from "./analyze.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { fitCommand } from "./fit.ts";
import { predictCommand } from "./predict.ts";
import { runCommand } from "./run.ts";

const golden = fileURLToPath(new URL("../../../../packages/sabok/golden/transfer", import.meta.url));
const pictures = join(golden, "pictures");
const work = mkdtempSync(join(tmpdir(), "sabok-transfer-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function sabok<Args extends ArgsDef>(command: Command<Args>, ...words: string[]) {
  const terminal = new Terminal({ json: words.includes("--json") });
  const documents: Record<string, unknown>[] = [];
  const lines: string[] = [];
  terminal.document = (value) =>
    void documents.push(JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
  terminal.line = (text) => void lines.push(...(text ?? "").split("\n"));
  terminal.prose = (text) => void lines.push(text);
  terminal.progress = () => {};
  const status = await command.run(readArguments(command, words), terminal);
  return { status, documents, text: lines.join("\n") };
}

/** A field of a protobuf message: a number, a text or a message. */
function field(number: number, content: number | string | readonly number[]): number[] {
  if (typeof content === "number") return [number << 3, ...varint(content)];
  const bytes = typeof content === "string" ? [...Buffer.from(content)] : content;
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

/** An ONNX model, GlobalAveragePool, Flatten, Gemm, whose weights [3,2] and [2] are in the file weights.bin. */
function pooledClassifier(): Uint8Array {
  const node = (op: string, inputs: readonly string[], output: string) =>
    field(1, [...inputs.flatMap((input) => field(1, input)), ...field(2, output), ...field(4, op)]);
  const stored = (name: string, shape: readonly number[], offset: number) => {
    const entries = { location: "weights.bin", offset, length: 4 * shape.reduce((a, b) => a * b) };
    const external = Object.entries(entries).flatMap(([key, value]) =>
      field(13, [...field(1, key), ...field(2, String(value))]),
    );
    return field(5, [
      ...shape.flatMap((d) => field(1, d)),
      ...field(2, 1),
      ...field(8, name),
      ...external,
      ...field(14, 1),
    ]);
  };
  const end = (number: number, name: string, shape: readonly number[]) => {
    const dims = shape.flatMap((d) => field(1, field(1, d)));
    return field(number, [...field(1, name), ...field(2, field(1, [...field(1, 1), ...field(2, dims)]))]);
  };
  const graph = [
    ...node("GlobalAveragePool", ["image"], "pooled"),
    ...node("Flatten", ["pooled"], "flat"),
    ...node("Gemm", ["flat", "weight", "bias"], "logits"),
    ...[...stored("weight", [3, 2], 0), ...stored("bias", [2], 24)],
    ...[...end(11, "image", [1, 3, 48, 48]), ...end(12, "logits", [1, 2])],
  ];
  return Uint8Array.from([...field(1, 8), ...field(8, field(2, 13)), ...field(7, graph)]);
}

const quick = ["--epochs", "1", "--batch", "8", "--threads", "1", "--val", "0"];

describe("fit --from", () => {
  const weights = join(work, "published.safetensors");
  beforeAll(() => cpSync(join(golden, "weights.safetensors"), weights));

  test(
    "published weights: the model is told by the keys, the head swapped, its origin kept",
    { timeout: 120_000 },
    async () => {
      const out = join(work, "first");
      const { status, text } = await sabok(
        fitCommand,
        pictures,
        "--from",
        weights,
        "--freeze",
        "--out",
        out,
        ...quick,
      );
      expect(status).toBe(0);
      expect(text).toMatch(
        /published\.safetensors has the keys of mobilenet_v2, width 0\.25, which is taken\./,
      );
      expect(text).toMatch(
        /260 keys by torchvision's names match, 0 are unexpected; the last layer, classifier\.1, is drawn anew\. That layer alone/,
      );
      expect(text).toMatch(/ImageNet's mean and deviation are taken/);
      expect(readdirSync(out)).not.toContain(".lock");
      const { record } = JSON.parse(readFileSync(join(out, "checkpoint/checkpoint.json"), "utf8")) as {
        record: Record<string, unknown>;
      };
      expect(record["transfer"]).toMatchObject({
        from: weights,
        naming: "torchvision",
        freeze: true,
        matched: 260,
      });
    },
  );

  test("a run, and the ONNX file it wrote", { timeout: 120_000 }, async () => {
    const again = await sabok(
      fitCommand,
      pictures,
      "--from",
      join(work, "first"),
      "--out",
      join(work, "second"),
      "--json",
      ...quick,
    );
    expect(again.documents.at(-1)).toMatchObject({
      type: "result",
      transfer: { naming: "own", head: { swapped: false }, freeze: false },
    });
    const onnx = await sabok(
      fitCommand,
      pictures,
      "--from",
      join(work, "first/model.onnx"),
      "--out",
      join(work, "third"),
      "--json",
      ...quick,
    );
    expect(onnx.documents.at(-1)).toMatchObject({
      type: "result",
      transfer: { naming: "own", head: { name: "classifier.1" } },
    });
  });

  test("what does not go together, or does not fit", async () => {
    const fit = (...words: string[]) => sabok(fitCommand, pictures, "--out", join(work, "none"), ...words);
    await expect(fit("--model", "resnet18", "--from", weights)).rejects.toThrow(
      /do not fit resnet18: 0 keys match[^]*take --model mobilenet_v2 --width 0\.25/,
    );
    await expect(fit("--freeze", "--model", "resnet18")).rejects.toThrow(/--freeze goes with --from/);
    await expect(fit("--budget", "3M", "--from", weights)).rejects.toThrow(
      /leave out --budget, --width and --depth/,
    );
    writeFileSync(join(work, "cut.safetensors"), readFileSync(weights).subarray(0, 9000));
    await expect(fit("--from", join(work, "cut.safetensors"))).rejects.toThrow(
      /cut\.safetensors: This is not a whole safetensors file/,
    );
    await expect(fit("--from", "timm/mobilenetv2")).rejects.toThrow(/Did you mean timm\/mobilenetv2_050\?/);
    expect(existsSync(join(work, "none"))).toBe(false);
  });

  test("a folder that another process writes into is refused", async () => {
    const folder = join(work, "busy");
    mkdirSync(folder);
    const owner = { pid: process.ppid, host: hostname(), since: "2026-01-01T00:00:00.000Z", id: "a" };
    writeFileSync(join(folder, ".lock"), JSON.stringify(owner));
    await expect(sabok(fitCommand, pictures, "--from", weights, "--out", folder, ...quick)).rejects.toThrow(
      new RegExp(`busy: process ${process.ppid} on .* has been writing into it since 2026`),
    );
    expect(readdirSync(folder)).toEqual([".lock"]);
  });
});

describe("models with their weights beside them", () => {
  const model = join(work, "beside/model.onnx");
  const picture = join(pictures, "test/disc/00.png");
  beforeAll(() => {
    mkdirSync(join(work, "beside"));
    writeFileSync(model, pooledClassifier());
    writeFileSync(
      join(work, "beside/weights.bin"),
      new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 0.5, -0.5).buffer),
    );
  });

  test("run, predict, export, explain and analyze read them", async () => {
    const ran = await sabok(runCommand, model, picture, "--json");
    expect(ran.documents[0]).toMatchObject({ outputs: [{ name: "logits", shape: [1, 2] }] });
    const predicted = await sabok(predictCommand, model, picture, "--json");
    expect((predicted.documents[0]!["images"] as { top: unknown[] }[])[0]!.top).toHaveLength(2);
    await sabok(exportCommand, model, "--to", "onnx", "--out", join(work, "whole.onnx"), "--json");
    const whole = await sabok(runCommand, join(work, "whole.onnx"), picture, "--json");
    expect(whole.documents[0]!["outputs"]).toEqual(ran.documents[0]!["outputs"]);
    const explained = await sabok(explainCommand, model, "--runs", "1", "--json");
    expect(explained.documents[0]).toMatchObject({ type: "explain", input: [3, 48, 48] });
    expect((await sabok(analyzeCommand, model, "--json")).documents[0]).toMatchObject({ macs: 6 });
  });
});

test("run --boxes draws what a detector finds", async () => {
  const fixed = (name: string, numbers: readonly number[]): readonly (readonly [string, Tensor])[] => [
    [`${name}.weight`, { shape: [numbers.length, 3], data: new Float32Array(3 * numbers.length) }],
    [`${name}.bias`, { shape: [numbers.length], data: Float32Array.from(numbers) }],
  ];
  const { graph } = network(
    { image: [3, 8, 8] },
    ({ image }) => {
      const mean = globalAvgPool(image);
      return {
        boxes: reshape(linear(mean, { out: 8, name: "places" }), [1, 2, 4]),
        scores: reshape(linear(mean, { out: 4, name: "sure" }), [1, 2, 2]),
      };
    },
    { batch: 1 },
  );
  const weights = new Map([
    ...fixed("places", [0.25, 0.25, 0.75, 0.75, 0, 0, 1, 1]),
    ...fixed("sure", [0.9, 0.1, 0.2, 0.3]),
  ]);
  const metadata = { classes: ["thing", "other"] };
  const [model, image, found] = ["boxes.onnx", "grey.png", "found.png"].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(model, toOnnx(toInference(graph), weights, { batch: "fixed", metadata }));
  await sharp({ create: { width: 400, height: 200, channels: 3, background: "#808080" } })
    .png()
    .toFile(image);
  const { documents } = await sabok(runCommand, model, image, "--boxes", found, "--json");
  expect(documents[0]!["detections"]).toEqual([
    { label: "thing", score: Math.fround(0.9), box: { top: 0.25, left: 0.25, bottom: 0.75, right: 0.75 } },
  ]);
  const { data, info } = await sharp(found).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] =>
    Array.from(data.subarray(3 * (400 * y + x), 3 * (400 * y + x) + 3));
  expect([info.width, info.height]).toEqual([400, 200]);
  // The frame's sides, in the first colour; inside and outside of it the picture.
  for (const [x, y] of [
    [101, 100],
    [298, 100],
    [200, 148],
  ] as const)
    expect(at(x, y)).toEqual([0xe6, 0x9f, 0x00]);
  for (const [x, y] of [
    [200, 100],
    [50, 100],
    [350, 180],
  ] as const)
    expect(at(x, y)).toEqual([0x80, 0x80, 0x80]);
  await expect(sabok(runCommand, join(work, "boxes.onnx"), "--boxes", found)).rejects.toThrow(
    /--boxes takes one image/,
  );
  const classifier = network({ image: [3, 8, 8] }, ({ image: x }) => linear(globalAvgPool(x), { out: 2 }));
  writeFileSync(model, toOnnx(toInference(classifier.graph), classifier.weights));
  await expect(sabok(runCommand, model, image, "--boxes", found)).rejects.toThrow(
    /gives no boxes with scores/,
  );
});
