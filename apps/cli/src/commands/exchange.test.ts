// The commands on a TFLite file: it runs, is analysed, converted and compared as an .onnx file is.
import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { ArgsDef } from "citty";
import { readArguments, type Command } from "../command.ts";
import { Terminal } from "../terminal.ts";
import { analyzeCommand } from "./analyze.ts";
import { convertCommand } from "./convert.ts";
import { diffCommand } from "./diff.ts";
import { runCommand } from "./run.ts";

const work = mkdtempSync(join(tmpdir(), "sabok-exchange-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const tflite = join(work, "quantised.tflite");
cpSync(
  fileURLToPath(new URL("../../../../packages/sabok/golden/tflite/quantised.tflite", import.meta.url)),
  tflite,
);

async function sabok<Args extends ArgsDef>(command: Command<Args>, ...words: string[]) {
  const terminal = new Terminal({ json: true });
  const documents: Record<string, unknown>[] = [];
  terminal.document = (value) =>
    void documents.push(JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
  const status = await command.run(readArguments(command, words), terminal);
  return { status, document: documents[0]! };
}

test("run gives the probabilities of its five classes", async () => {
  const { status, document } = await sabok(runCommand, tflite, "--json");
  expect(status).toBe(0);
  const [output] = document["outputs"] as { name: string; shape: number[]; data: number[] }[];
  expect([output!.name, output!.shape]).toEqual(["probabilities", [1, 5]]);
  expect(output!.data.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

test("analyze counts its multiply-accumulates", async () => {
  const { document } = await sabok(analyzeCommand, tflite, "--json");
  // 4·4 pixels: 4 filters of 3·3·3, 4 depthwise ones of 3·3; and 4·5 for the classes.
  expect(document).toMatchObject({ macs: 16 * 4 * 27 + 16 * 4 * 9 + 20 });
});

test("convert writes it as ONNX, and diff finds the two equal", async () => {
  const onnx = join(work, "out.onnx");
  expect((await sabok(convertCommand, tflite, onnx, "--json")).status).toBe(0);
  expect(statSync(onnx).size).toBeGreaterThan(500);
  const { status, document } = await sabok(diffCommand, tflite, onnx, "--json");
  expect([status, document["same"]]).toEqual([0, true]);
  expect((await sabok(diffCommand, onnx, tflite, "--json")).status).toBe(0);
});

test("a part of it, at another size", async () => {
  const { document } = await sabok(
    runCommand,
    tflite,
    ...["--input", "image=1,16,12,3", "--outputs", "depthwise out", "--json"],
  );
  expect(document["outputs"]).toMatchObject([{ name: "depthwise out", shape: [1, 4, 8, 6] }]);
});
