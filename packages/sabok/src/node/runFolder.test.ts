import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "./data/temporaryFolder.ts";
import { createRunFolder, openRunFolder, writeFileWhole } from "./runFolder.ts";

const root = temporaryFolder(afterAll);

test("files appear whole, in folders of their own, and nothing temporary stays", async () => {
  const folder = await createRunFolder(join(root, "whole"));
  await folder.write("checkpoint/a.bin", Uint8Array.of(1, 2, 3));
  await folder.write("metrics.jsonl", "first");
  await folder.write("metrics.jsonl", "second");
  expect(await folder.read("checkpoint/a.bin")).toEqual(Buffer.of(1, 2, 3));
  expect(readFileSync(join(root, "whole/metrics.jsonl"), "utf8")).toBe("second");
  expect(await folder.read("nothing")).toBeUndefined();
  expect(await folder.list("checkpoint")).toEqual(["a.bin"]);
  expect(await folder.list("nothing")).toEqual([]);
  expect(readdirSync(join(root, "whole")).sort()).toEqual(["checkpoint", "metrics.jsonl"]);
  await folder.remove(["metrics.jsonl", "nothing"]);
  expect(await folder.read("metrics.jsonl")).toBeUndefined();
});

test("a file that cannot be written leaves the old one and no temporary one", async () => {
  const path = join(root, "taken");
  mkdirSync(path);
  writeFileSync(join(path, "inside"), "");
  await expect(writeFileWhole(path, "text")).rejects.toThrow(/taken cannot be written: /);
  expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("another run's folder is not overwritten unless asked", async () => {
  const path = join(root, "earlier");
  await (await createRunFolder(path)).write("checkpoint/checkpoint.json", "{}");
  await expect(createRunFolder(path)).rejects.toThrow(
    /earlier holds a run already \(checkpoint\)\. .*--resume .*--force/,
  );
  await expect(createRunFolder(path, { replace: true })).resolves.toBeDefined();
});

test("a folder with other files in it is not taken", async () => {
  const path = join(root, "photos");
  mkdirSync(path);
  writeFileSync(join(path, "holiday.jpg"), "");
  await expect(createRunFolder(path)).rejects.toThrow(/photos is not empty and holds no run/);
});

test("a path that cannot become a folder is refused before training", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  await expect(createRunFolder(file)).rejects.toThrow(/file: a file; give a folder/);
  await expect(createRunFolder(join(file, "run"))).rejects.toThrow(
    /run cannot be made: a part of the path is a file\./,
  );
});

test.skipIf(process.platform !== "linux")("an unwritable folder is refused before training", async () => {
  await expect(createRunFolder("/proc/sabok/run")).rejects.toThrow(/cannot be made: /);
  // A folder that nobody may write, not even root.
  await expect(createRunFolder("/proc/1/fdinfo", { replace: true })).rejects.toThrow(
    /cannot be (made|written|read): /,
  );
});

test("a disk without room is refused", async () => {
  const folder = await createRunFolder(join(root, "small"));
  await expect(folder.ensureRoom(1)).resolves.toBeUndefined();
  await expect(folder.ensureRoom(2 ** 60)).rejects.toThrow(
    /the disk has [\d,]+ MiB free and the run needs 1,099,511,627,776 MiB/,
  );
});

test("a run that failed before it began leaves no folder", async () => {
  const folder = await createRunFolder(join(root, "new/deep/run"));
  await folder.discard();
  expect(readdirSync(root)).not.toContain("new");
  const begun = await createRunFolder(join(root, "begun"));
  await begun.write("metrics.jsonl", "");
  await begun.discard();
  expect(readdirSync(root)).toContain("begun");
});

test("opening says what is missing and clears away what a killed process left", async () => {
  await expect(openRunFolder(join(root, "earlyer"))).rejects.toThrow(
    /earlyer: no such run folder\. Did you mean .*earlier/,
  );
  mkdirSync(join(root, "empty"));
  await expect(openRunFolder(join(root, "empty"))).rejects.toThrow(/empty: holds no run/);
  writeFileSync(join(root, "earlier/.model.onnx.1234.part"), "half");
  await openRunFolder(join(root, "earlier"), { write: true });
  expect(readdirSync(join(root, "earlier"))).toEqual(["checkpoint"]);
});
