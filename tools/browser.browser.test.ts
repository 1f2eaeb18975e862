// The tools of the browser tests work, and every subpath of the library but `sabok/node` loads in a page.
// Code given to `page.evaluate` that imports is text: Vitest rewrites `import()` in functions.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, servePages } from "./browser.mjs";
import { publicEntries } from "./publicEntries.mjs";
import { root } from "./setUp.mjs";

let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await servePages(root);
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.url}LICENSE`);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("a page is cross-origin isolated", async () => {
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(() => new SharedArrayBuffer(8).byteLength)).toBe(8);
});

for (const [name, path] of Object.entries(publicEntries)) {
  if (name === "node") continue;
  test(`${name === "index" ? "sabok" : `sabok/${name}`} loads`, async () => {
    expect(await page.evaluate(`import("/packages/sabok/${path}").then((module) => typeof module)`)).toBe(
      "object",
    );
  });
}
