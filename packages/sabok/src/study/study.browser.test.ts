// A real browser computes chapters and gets Node's numbers; the pages of a chapter have no barrier that axe-core finds, in either language.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, servePages } from "../../../../tools/browser.mjs";
import { root } from "../../../../tools/setUp.mjs";
import { findChapter, studyPage, type ChapterResult, type ParameterValues } from "./index.ts";

let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;

beforeAll(async () => {
  server = await servePages(root);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

describe("a chapter in Chromium gives Node's results", () => {
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${server.url}LICENSE`);
  });

  const asked: readonly (readonly [string, ParameterValues])[] = [
    ["4.2", { stride: 2, dilation: 2, padding: 3 }], // the float64 reference
    ["1.3", { alpha: 3, images: 50 }], // sessions of the engine, and passes
    ["6.1.2", { in: 8, out: 12 }], // singular values
  ];
  test.each(asked)("%s with %j", async (id, values) => {
    const node = await findChapter(id).run(values);
    const [name, given] = [JSON.stringify(id), JSON.stringify(values)];
    const chromium = (await page.evaluate(
      `import("/packages/sabok/src/study/index.ts").then((study) => study.findChapter(${name}).run(${given}))`,
    )) as ChapterResult;
    expect(errors).toEqual([]);
    expect(chromium.verdict.status).toBe(node.verdict.status);
    expect(Object.keys(chromium.results)).toEqual(Object.keys(node.results));
    for (const [name, value] of Object.entries(node.results)) {
      const [expected, got] = [[value].flat(), [chromium.results[name]!].flat()];
      expect(got).toHaveLength(expected.length);
      expected.forEach((each, i) => {
        if (typeof each !== "number") expect(got[i], name).toBe(each);
        // Engines may round their transcendental functions differently.
        else
          expect(Math.abs((got[i] as number) - each), name).toBeLessThanOrEqual(
            1e-5 * Math.max(1, Math.abs(each)),
          );
      });
    }
  });
});

describe.each(["en", "fa"] as const)("the page in %s", (lang) => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let page: Page;
  beforeAll(async () => {
    const chapter = findChapter("3.1"); // formulas, tables, wide matrices and plots
    page = await browser.newPage();
    await page.setContent(await studyPage(chapter, {}, await chapter.run({}), lang));
    for (const details of await page.locator("summary").all()) await details.click();
  });

  test.each([
    [1200, "light"],
    [1200, "dark"],
    [390, "light"],
  ] as const)(
    "%d pixels wide, %s: axe-core finds nothing, nothing is wider than the window",
    async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      const violations = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
      );
      expect(violations).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    },
  );

  test("formulas run from left to right", async () => {
    const directions = await page.evaluate(
      "[...document.querySelectorAll('.katex, table.matrix')].map((element) => getComputedStyle(element).direction)",
    );
    expect((directions as string[]).length).toBeGreaterThan(10);
    expect(new Set(directions as string[])).toEqual(new Set(["ltr"]));
  });
});
