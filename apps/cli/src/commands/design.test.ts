import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { UsageError, readArguments } from "../command.ts";
import { Terminal } from "../terminal.ts";
import { designCommand } from "./design.ts";

async function run(line: string): Promise<{ status: number; out: string }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  try {
    const words = line.split(" ").filter(Boolean);
    const status = await designCommand.run(
      readArguments(designCommand, words),
      new Terminal({ json: words.includes("--json") }),
    );
    return { status, out };
  } finally {
    spy.mockRestore();
  }
}

test("says it within 80 columns, the degenerate optimum first", async () => {
  for (const line of [
    "",
    "--input 128x96 --layers 1..6 --strides 1,2 --channels 16 --threshold 0.3",
    "--cost same --kernels 1..4 --emit",
  ]) {
    const { status, out } = await run(line);
    expect(status).toBe(0);
    for (const text of out.split("\n")) expect(text.length, text).toBeLessThanOrEqual(80);
    expect(out.indexOf("no good answer")).toBeLessThan(out.indexOf("The cheapest stack"));
  }
  const { out } = await run("--input 32x32 --threshold 0.5 --layers 1..5");
  for (const part of ["2x2 d31", "3x3 d15", "3,780 MACs (7,560 FLOPs)", "5,076", "@", "Proof: "])
    expect(out).toContain(part);
});

test("--json is one document of the documented shape", async () => {
  const { status, out } = await run("--json --emit --kernels 3 --channels 3,16,32,64");
  expect(status).toBe(0);
  const document = JSON.parse(out) as Record<string, unknown>;
  expect(document).toMatchObject({
    type: "design",
    feasible: true,
    best: {
      layers: [{ kernel: 3, dilation: 8, stride: 1 }, {}, {}],
      macs: expect.any(Number),
      receptiveField: 25,
      outputs: [
        [16, 16],
        [10, 10],
        [8, 8],
      ],
    },
    perDepth: [
      { infeasible: true, reason: expect.any(String) },
      { infeasible: true },
      { layers: [{}, {}, {}] },
    ],
    frontier: [{ receptiveField: 3 }, { receptiveField: 25, macs: 1751040 }],
    proof: { complete: true },
    emit: { code: expect.stringContaining("export function block"), blockString: null },
  });
  expect(document).not.toHaveProperty("reason");
});

test("an infeasible question ends with status 1 and its reason", async () => {
  expect(await run("--input 48x32 --threshold 0.7")).toEqual({
    status: 1,
    out: expect.stringMatching(/There is no such stack\n {2}Without padding[^]*needs 34/),
  });
  const { status, out } = await run("--input 48x32 --threshold 0.7 --json");
  expect([status, JSON.parse(out)]).toEqual([
    1,
    expect.objectContaining({
      feasible: false,
      best: null,
      reason: expect.stringContaining("ratio of its edges"),
    }),
  ]);
});

test("--html writes the page", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sabok-design-"));
  const { out } = await run(`--html ${join(folder, "page.html")}`);
  expect(out).toContain(`Page: ${join(folder, "page.html")}`);
  expect(readFileSync(join(folder, "page.html"), "utf8")).toMatch(/^<!doctype html>[^]*<svg role="img"/);
  rmSync(folder, { recursive: true });
});

test.each([
  ["--input 32", /--input: got "32"; expected height x width/],
  ["--threshold 50", /--threshold: got "50"; expected a number of at least 0 and of at most 1/],
  ["--strict --at-least", /not both/],
  ["--layers 5-1", /--layers: got "5-1"/],
  ["--kernels 3,x", /--kernels: got "3,x"; expected whole numbers such as 3,5,7 or 1\.\.7/],
  ["--kernels 7..3", /--kernels/],
  ["--coverage finale", /--coverage: got "finale"; .*Did you mean final\?/],
  ["--measure height", /--measure/],
  ["--kernals 3", /Unknown option --kernals.*Did you mean --kernels/],
])("%s is wrong usage", async (line, message) => {
  const failure = await run(line).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UsageError);
  expect((failure as Error).message).toMatch(message);
});

test("options that make no question are a problem to mend", async () => {
  await expect(run("--channels 3,4 --layers 1..4")).rejects.toThrow(/channels: got 2 numbers, expected 5/);
  await expect(run("--layers 3..2")).rejects.toThrow(/layers: got 3\.\.2/);
});
