import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "./data/temporaryFolder.ts";
import { createRunFolder } from "./runFolder.ts";
import { lockRunFolder } from "./runLock.ts";

const root = temporaryFolder(afterAll);
const folder = (name: string): string => {
  mkdirSync(join(root, name));
  return join(root, name);
};

test("a second process is refused, by the name of the first, until that releases the folder", async () => {
  const path = folder("shared");
  const lock = await lockRunFolder(path);
  await expect(lockRunFolder(path)).rejects.toThrow(
    new RegExp(
      `shared: process ${process.pid} on ${hostname()} has been writing into it since \\d{4}-.*remove .*\\.lock\\.$`,
    ),
  );
  await lock.release();
  expect(readdirSync(path)).toEqual([]);
  const again = await lockRunFolder(path);
  await lock.release();
  expect(existsSync(join(path, ".lock"))).toBe(true);
  await again.release();
});

test("of many that come at once one gets it", async () => {
  const path = folder("many");
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockRunFolder(path)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(readdirSync(path)).toEqual([".lock"]);
});

test("the lock of a process that is gone is taken over, by one of many", async () => {
  const path = folder("stale");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const owner = { pid, host: hostname(), since: "2026-01-01T00:00:00.000Z", id: "a" };
  writeFileSync(join(path, ".lock"), JSON.stringify(owner));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(path)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(readdirSync(path)).toEqual([".lock"]);
});

test("another machine's lock stands, a damaged one does not, and neither makes a folder look used", async () => {
  const path = folder("far");
  writeFileSync(join(path, ".lock"), JSON.stringify({ pid: 1, host: "elsewhere", since: "2026", id: "b" }));
  await expect(lockRunFolder(path)).rejects.toThrow(/process 1 on elsewhere/);
  await expect(createRunFolder(path)).resolves.toBeDefined();
  const damaged = folder("damaged");
  writeFileSync(join(damaged, ".lock"), "{");
  await (await lockRunFolder(damaged)).release();
  expect(readdirSync(damaged)).toEqual([]);
});
