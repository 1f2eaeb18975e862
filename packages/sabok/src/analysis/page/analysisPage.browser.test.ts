// The page of an analysis in a real browser: everything on it, nothing wider than the window, nothing to fault for those
// who cannot see it, light and dark.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../../../tools/browser.mjs";
import { namedNetwork } from "../../nn/models/index.ts";
import { analyze, type Analysis } from "../analyze.ts";
import { verifyReceptiveField } from "../receptiveField/verifyReceptiveField.ts";
import { signal } from "../signal/signal.ts";
import { analysisPage } from "./analysisPage.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const peaks = { flops: 40e9, copies: [{ bytes: 1e6, bytesPerSecond: 20e9 }], threads: 1 };

let browser: Browser;
let markup: string;
let analysis: Analysis;

beforeAll(async () => {
  browser = await launchBrowser();
  // At 32 pixels the lint has much to say.
  const network = namedNetwork("mobilenet_v3_small", { input: [3, 32, 64], classes: 10 });
  analysis = analyze(network, { model: "mobilenet_v3_small", batch: 2 });
  const verification = await verifyReceptiveField(analysis.fields, analysis.map);
  const layers = await signal(network.graph, network.weights);
  markup = await analysisPage(analysis, {
    version: "1.2.3",
    peaks,
    verification,
    signals: [
      { name: "at initialisation", layers },
      { name: "now", layers },
    ],
  });
});

afterAll(() => browser?.close());

test.each([
  [390, "light"],
  [390, "dark"],
  [1280, "light"],
  [1280, "dark"],
] as const)("at %i pixels, %s", async (width, colorScheme) => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.setContent(markup);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);

  // The graph: a box for each layer, and the sums.
  const graph = page.locator("#graph svg[role=img]");
  expect(await graph.getAttribute("aria-label")).toMatch(/^The graph of mobilenet_v3_small: \d+ nodes/);
  expect(await graph.locator("text", { hasText: /^\+$/ }).count()).toBeGreaterThan(5);
  expect(await graph.locator("text", { hasText: "features.0.0" }).count()).toBe(1);
  // The table: the layers and the total.
  expect(await page.locator("#layers tbody tr").count()).toBe(analysis.layers.length);
  expect(await page.locator("#layers tfoot").textContent()).toContain("Whole network");
  // The field over the image, and its growth; the effective field is drawn too.
  expect(await page.locator("#receptive-field svg[role=img]").count()).toBe(2);
  expect(await page.locator("#receptive-field ellipse").count()).toBe(2);
  expect(await page.locator("#receptive-field").textContent()).toContain("they agree pixel by pixel");
  // The signal: four plots of two lines.
  expect(await page.locator("#signal svg[role=img]").count()).toBe(4);
  expect(await page.locator("#lint h3").allTextContents()).toEqual(
    expect.arrayContaining([expect.stringContaining("mostly-padding")]),
  );
  expect(await page.locator("#cost").textContent()).toMatch(/Time, at least\s*[\d.]+ ms/);

  // No label of a plot is cut off at the page's edge.
  const cut = await page.evaluate(
    `[...document.querySelectorAll("svg.plot text")].filter((text) => !text.closest(".scroll") && text.getBoundingClientRect().left < 0).length`,
  );
  expect(cut).toBe(0);
  await page.evaluate(axe);
  const violations = await page.evaluate(
    `axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
  );
  expect(violations).toEqual([]);
  expect(errors).toEqual([]);
  await page.close();
});
