// The first view: what it weighs, and, printed and not judged, when it can be used on a cold load from this machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLab, type Lab } from "../test/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

test("the JavaScript of the first view, and of running the network in it, is at most 250 KB gzip", async () => {
  const { page, close } = await lab.open("network");
  await page.locator("g.node").first().waitFor();
  const view = weigh(lab);
  // A layer opened: the kernels are loaded, compiled and run.
  await page.locator('g.node[data-id="layer0"]').click();
  await page.locator("[data-milliseconds]").waitFor();
  const engine = weigh(lab);
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;
  console.log(
    `JavaScript, gzip: first view ${kilobytes(view)}, with a network run in it ${kilobytes(engine)}`,
  );
  expect(view).toBeLessThanOrEqual(250_000);
  expect(engine).toBeLessThanOrEqual(250_000);
  await close();
});

/** Bytes of all JavaScript that was asked for, gzip. */
function weigh({ requested, folder }: Lab): number {
  const scripts = new Set(requested.filter((path) => path.endsWith(".js")));
  return [...scripts].reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0);
}

test("the first view is drawn on a cold load; how soon is printed", async () => {
  const seconds: number[] = [];
  for (let load = 0; load < 3; load++) {
    const { page, close } = await lab.open("network"); // a new context: an empty cache
    await page.locator("g.node").first().waitFor();
    seconds.push(
      (await page.evaluate(() => performance.getEntriesByName("graph-drawn")[0]!.startTime)) / 1000,
    );
    await close();
  }
  console.log(`first view usable after ${seconds.map((one) => one.toFixed(2)).join(", ")} s`);
  expect(seconds.every((one) => one > 0)).toBe(true);
});
