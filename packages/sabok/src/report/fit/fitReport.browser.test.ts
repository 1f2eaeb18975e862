// The report in a real browser: drawn by it, and looked at in it, on a phone and on a desk.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser, servePages } from "../../../../../tools/browser.mjs";
import { root } from "../../../../../tools/setUp.mjs";
import { fitReport } from "./fitReport.ts";
import { sampleReport } from "./sampleReport.ts";

let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  server = await servePages(root);
  browser = await launchBrowser();
});

beforeEach(async () => {
  errors.length = 0;
  page = await browser.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("Chromium draws the same plots as Node", async () => {
  await page.goto(`${server.url}LICENSE`);
  const folder = "/packages/sabok/src/report/fit";
  const drawn = (await page.evaluate(
    `Promise.all([import("${folder}/fitReport.ts"), import("${folder}/sampleReport.ts")])
       .then(([{ fitReport }, { sampleReport }]) => fitReport(sampleReport()))`,
  )) as string;
  const geometry = (html: string): string[] =>
    [...html.matchAll(/ (?:d|cx|height)="[^"]*"/g)].map(([text]) => text).sort();
  expect(geometry(drawn)).toEqual(geometry(await fitReport(sampleReport())));
});

test.each([390, 1920])(
  "nothing is wider than a window of %i pixels, and code can be copied",
  async (width) => {
    await page.setViewportSize({ width, height: 900 });
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.setContent(await fitReport(sampleReport()));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    const button = page.locator("button.copy").first();
    await button.click();
    expect(await button.textContent()).toMatch(/^\s*Copied/);
    expect(errors).toEqual([]);
  },
);
