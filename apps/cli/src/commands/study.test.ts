import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { readArguments } from "../command.ts";
import { commandHelp } from "../help.ts";
import { Terminal } from "../terminal.ts";
import { studyCommand } from "./study.ts";

const work = mkdtempSync(join(tmpdir(), "sabok-study-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs `sabok study …` in this process; resolves to what stood on stdout. */
async function study(...args: string[]): Promise<string> {
  let stdout = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const terminal = new Terminal({ json: args.includes("--json") });
  const special = studyCommand.specialize!(args);
  const done = special
    ? special.run(readArguments(special, args), terminal)
    : studyCommand.run(readArguments(studyCommand, args), terminal);
  expect(await done).toBe(0);
  return stdout;
}

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

test("the list has every chapter with its verdict", async () => {
  const list = await study();
  expect(list).toMatch(/^1\.1 +Batch norm/m);
  expect(list).toMatch(/False as commonly stated/);
  const document = JSON.parse(await study("--json", "--lang", "fa")) as {
    chapters: { id: string; verdict: string }[];
  };
  expect(document.chapters).toContainEqual(expect.objectContaining({ id: "1.3", verdict: "false" }));
});

describe("a chapter", () => {
  test.each(["1.1", "1.2", "1.3", "1.4"])("%s in words, 80 columns", { timeout: 60_000 }, async (id) => {
    const text = await study(id);
    expect(text).toMatch(new RegExp(`^${id.replace(".", "\\.")} `));
    for (const part of ["Claim:", "All results by name"]) expect(text).toContain(part);
    expect(text).not.toMatch(/\$|\\[a-z]|NaN|undefined|\[object/);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  test("as JSON: parameters, results, series, verdict", async () => {
    const document = JSON.parse(
      await study("1.1", "--layer", "dense", "--batch=4", "--values", "1,2,3,6,5,10,7,14", "--json"),
    ) as Record<string, unknown>;
    expect(document).toMatchObject({
      id: "1.1",
      parameters: { layer: "dense", batch: 4, steps: 10 },
      results: { count: 4, mean: [4, 8] },
      verdict: { status: "conditional" },
    });
    expect(document["series"]).toContainEqual(expect.objectContaining({ name: "measured", unit: "" }));
  });

  test("a parameter may be negative, and a list may begin with a minus", async () => {
    const json = await study("1.1", "--layer", "dense", "--values", "-1,2,3,4", "--json");
    expect(JSON.parse(json)).toMatchObject({ parameters: { values: "-1,2,3,4" }, results: { mean: [1, 3] } });
  });

  test("as a page, in Persian", async () => {
    const file = join(work, "deep", "page.html");
    await study("1.1", "--lang", "fa", "--html", file);
    const page = readFileSync(file, "utf8");
    expect(page.startsWith("<!doctype html>")).toBe(true);
    expect(page.includes('dir="rtl"')).toBe(true);
  });
});

test.each([
  [["1.1", "--bacth", "2"], /Unknown option --bacth of sabok study\. Did you mean --batch\?/],
  [
    ["1.1", "--batch", "300"],
    /Chapter 1\.1, batch: got "300"; expected a whole number from 1 to 256, for example 2\./,
  ],
  [["1.1", "--lang", "de"], /--lang: got "de"; expected en or fa\./],
  [["1.1", "--html", ""], /--html needs a file/],
  [["9.9"], /There is no chapter "9\.9"\./],
  [["1.3", "--model", "nowhere"], /nowhere: no such file or folder/],
  [["1.1", "--model", "nowhere"], /Unknown option --model/],
  [["--alpha", "2"], /Unknown option --alpha/],
])("wrong: %j", async (args, message) => {
  await expect(study(...args)).rejects.toThrow(message);
});

test("a chapter's help shows its own options in 80 columns", () => {
  const page = commandHelp(new Terminal({ json: false }), studyCommand.specialize!(["1.3"])!);
  expect(page).toMatch(/--alpha <number> +factor α: -1000 to 1000; 2 if not given/);
  expect(widest(page)).toBeLessThanOrEqual(80);
  expect(studyCommand.specialize!(["9.9"])).toBeUndefined();
});
