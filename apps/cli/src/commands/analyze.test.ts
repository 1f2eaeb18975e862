// sabok analyze on models, blocks and files: its JSON, its words within 80 columns, its refusals.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { batchNorm, conv2d, globalAvgPool, linear, network, relu, toInference } from "sabok";
import { lintRules, type AnalysisDocument } from "sabok/analysis";
import { toOnnx } from "sabok/onnx";
import { readArguments } from "../command.ts";
import { Terminal } from "../terminal.ts";
import { analyzeCommand } from "./analyze.ts";

const work = mkdtempSync(join(tmpdir(), "sabok-analyze-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Document = AnalysisDocument & {
  readonly verification: object;
  readonly signal: readonly { readonly name: string }[];
  readonly fixed: object;
};

/** Runs the command in this process and collects what it says. */
async function sabok(...words: string[]) {
  const terminal = new Terminal({ json: words.includes("--json") });
  const documents: unknown[] = [];
  const lines: string[] = [];
  terminal.document = (value) => void documents.push(JSON.parse(JSON.stringify(value)));
  terminal.line = (text) => void lines.push(...(text ?? "").split("\n"));
  await analyzeCommand.run(readArguments(analyzeCommand, words), terminal);
  return { document: documents[0] as Document, lines };
}

const onnx = join(work, "small.onnx");
const small = network(
  { image: [3, 16, 16] },
  ({ image }) =>
    linear(
      globalAvgPool(
        relu(
          batchNorm(conv2d(image, { out: 8, kernel: 3, padding: 1, bias: true, name: "conv" }), {
            name: "norm",
          }),
        ),
      ),
      { out: 4, name: "head" },
    ),
  { batch: 1 },
);
writeFileSync(onnx, toOnnx(toInference(small.graph), small.weights, { metadata: {} }));

describe("the document", () => {
  test("of a model by name", async () => {
    const { document } = await sabok("mobilenet_v1", "--json");
    expect(document).toMatchObject({
      model: "mobilenet_v1",
      macs: 568_740_352,
      receptiveField: { size: [315, 315], stride: [32, 32] },
    });
  });

  test("width, input and classes are the model's", async () => {
    const { document } = await sabok(
      "mobilenet_v2",
      "--width",
      "0.5",
      "--input",
      "1x96x64",
      "--classes",
      "10",
      "--json",
    );
    expect(document).toMatchObject({
      input: [1, 96, 64],
      receptiveField: { size: [491, 491], relative: { h: 491 / 96, w: 491 / 64, area: 1 } },
    });
    expect(document.layers.at(-1)!.output).toEqual([10]);
  });

  test("--minimal has no squeeze-and-excitation, so its field is bounded", async () => {
    const { document } = await sabok("mobilenet_v3_small", "--minimal", "--json");
    expect(Array.isArray(document.receptiveField.size)).toBe(true);
  });

  test("of blocks, verified, with the effective field", async () => {
    const { document } = await sabok("ir_r2_k3_s2_e6_c24", "--input", "3x32x32", "--verify", "--json");
    expect(document.verification).toMatchObject({ agrees: true, differing: 0 });
    expect(document.receptiveField.effectiveStd).toBeGreaterThan(1);
  });

  test("of an ONNX file, its signal and its Jacobian", async () => {
    const { document } = await sabok(onnx, "--signal", "--json");
    expect(document).toMatchObject({ input: [3, 16, 16], receptiveField: { size: [3, 3] } });
    expect(document.signal.map(({ name }) => name)).toEqual(["at initialisation", "now"]);
  });
});

test("words stay within 80 columns", async () => {
  for (const words of [
    ["mobilenet_v3_large"],
    ["resnet50", "--at", "layer2.0.conv2"],
    ["mobilenet_v3_small", "--input", "3x32x32", "--batch", "2", "--verify", "--signal"],
  ]) {
    const { lines } = await sabok(...words);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
  }
});

test("--html writes the page, --fix the mended network", async () => {
  const page = join(work, "pages/page.html");
  await sabok("ir_r1_k3_s2_e6_c24", "--input", "3x32x32", "--html", page);
  expect(readFileSync(page, "utf8")).toContain("The graph as it flows");
  const target = join(work, "fixed.safetensors");
  const { document } = await sabok(
    "resnet18",
    "--input",
    "3x32x32",
    "--classes",
    "2",
    "--fix",
    target,
    "--json",
  );
  expect(document.fixed).toEqual({
    done: [],
    files: [
      { path: target, bytes: statSync(target).size },
      { path: join(work, "fixed.json"), bytes: expect.any(Number) },
    ],
  });
});

test("docs/analyze.md has every rule of the lint, in the lint's order, and every key of the document", async () => {
  const text = readFileSync(new URL("../../../../docs/analyze.md", import.meta.url), "utf8");
  const lint = text.slice(text.indexOf("## Lint"), text.indexOf("## JSON"));
  const rules = [...lint.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, rule]) => rule);
  expect(rules).toEqual(lintRules.map(({ name }) => name));
  const { document } = await sabok("ir_r1_k3_s2_e6_c24", "--input", "3x32x32", "--json");
  for (const key of [...Object.keys(document), ...Object.keys(document.receptiveField)])
    expect(text, key).toContain(`\`${key}\``);
  expect(document.time!.seconds).toBeGreaterThan(0);
});

test("an image too small for a layer of a file names the layer; on a smaller image all that is asked for is answered", async () => {
  const file = join(work, "valid.onnx");
  const valid = network({ image: [3, 32, 32] }, ({ image }) =>
    globalAvgPool(
      conv2d(conv2d(image, { out: 4, kernel: 5, stride: 2, name: "first" }), {
        out: 4,
        kernel: 5,
        name: "second",
      }),
    ),
  );
  writeFileSync(file, toOnnx(toInference(valid.graph), valid.weights, { metadata: {} }));
  await expect(sabok(file, "--input", "3x9x9")).rejects.toThrow(
    /conv2d "second".*does not fit into a map of 3x3/,
  );
  const { document } = await sabok(
    file,
    "--input",
    "3x16x16",
    "--jacobian",
    "first..second",
    "--signal",
    "--json",
  );
  expect(document).toMatchObject({ input: [3, 16, 16], jacobian: { withSkip: { rms: expect.any(Number) } } });
});

describe("refusals", () => {
  test.each([
    [["mobilnet_v2"], /Did you mean mobilenet_v2/],
    [["nowhere.onnx"], /no such file or folder/],
    [["mobilenet_v2", "--input", "32x32"], /expected channels x height x width/],
    [["mobilenet_v2", "--at", "feature.1"], /no layer "feature\.1".*Did you mean/],
    [["mobilenet_v2", "--minimal"], /--minimal goes with mobilenet_v3/],
    [["mobilenet_v2", "--data", "mnist"], /--data goes with a trained network/],
    [[onnx, "--input", "1x16x16"], /takes images of 3 channels, got an input of 1x16x16/],
    [[onnx, "--width", "0.5"], /--width goes with a model's name/],
    [["mobilenet_v2", "--against", "mobilenet_v1"], /--against goes with --signal/],
    [["mobilenet_v2", "--jacobian", "features.1"], /expected two layers/],
    [["ir_r2_kk_s2_e6_c24"], /column 7: got "kk"/],
    [["mobilenet_v2", "--fix", "net.txt"], /ends with \.onnx or \.safetensors/],
  ])("%j", async (words, message) => {
    await expect(sabok(...words)).rejects.toThrow(message);
  });
});
