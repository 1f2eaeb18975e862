// A real browser loads the same library and trains: twenty steps give Node's losses, on one thread and on two.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, servePages } from "../../../../tools/browser.mjs";
import { root } from "../../../../tools/setUp.mjs";
import { twentySteps } from "./twentySteps.ts";

let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  server = await servePages(root);
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${server.url}LICENSE`);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test.each([1, 2])(
  "twenty training steps on %i threads in Chromium give the losses of Node",
  async (threads) => {
    const node = await twentySteps(1);
    const chromium = (await page.evaluate(
      `import("/packages/sabok/src/train/twentySteps.ts").then((module) => module.twentySteps(${threads}))`,
    )) as typeof node;
    expect(errors).toEqual([]);
    expect(chromium.backend).toMatch(threads === 1 ? /1 thread$/ : /2 threads$/);
    expect(node.losses[19]!).toBeLessThan(node.losses[0]!);
    node.losses.forEach((loss, step) =>
      expect(Math.abs(chromium.losses[step]! - loss) / loss, `step ${step}`).toBeLessThan(1e-5),
    );
  },
);
