// A person's path through the Study room in a real browser: a chapter, its parameters, what is refused, what is tried.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { languages, openLab, widths, type Lab } from "../../../test/lab.ts";

const words = {
  en: {
    chapter: "Chapter",
    rate: /Got "99"; expected a number from 0 to 9/,
    stale: "The results below are of the last parameters that fit.",
    save: "Save as a page",
    named: "All results by name",
    reset: "Back to the defaults",
  },
  fa: {
    chapter: "فصل",
    rate: /«⁨۹۹⁩» پذیرفته نیست؛ عددی از ۰ تا ۹ بدهید/,
    stale: "نتیجه‌های زیر از آخرین پارامترهای درست‌اند.",
    save: "ذخیره به صورت صفحه",
    named: "همهٔ نتیجه‌ها با نام",
    reset: "بازگشت به پیش‌فرض‌ها",
  },
} as const;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

for (const language of languages)
  for (const width of widths)
    test(`a person's path, ${language}, ${width} px`, async () => {
      const say = words[language];
      const { page, problems, violations, photograph, close } = await lab.open(
        `study?chapter=3.1&lang=${language}`,
        {
          width,
          theme: (width === 390) === (language === "en") ? "dark" : "light",
        },
      );
      // The engine ran the chapter: RoIAlign's table, plots, matrices, formulas.
      await page.locator(".findings").waitFor();
      await page.locator(".findings figure svg[class]").first().waitFor();
      expect(await page.locator(".findings table.matrix").count()).toBe(4);
      expect(await page.locator(".findings .katex").count()).toBeGreaterThan(0);
      const result = page.locator(".findings > details tbody");
      await page.locator("summary", { hasText: say.named }).click();
      const before = await result.innerText();

      // A trial from the text sets the parameters, the URL, and the results.
      await page.getByRole("link", { name: "--u 4 --v 6" }).click();
      await expect.poll(() => page.url()).toMatch(/u=4&v=6/);
      await expect.poll(() => result.innerText()).not.toBe(before);
      expect(await page.locator(".chapter-parameters input[type=text]").first().inputValue()).toBe("4");

      // What does not fit is said at the field; the last results stay.
      const field = page.locator(".chapter-parameters input[type=text]").first();
      await field.fill("99");
      await field.press("Enter");
      await page.getByText(say.stale).waitFor();
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      const note = (await field.getAttribute("aria-describedby"))!;
      expect(await page.locator(`[id="${note}"]`).innerText()).toMatch(say.rate);
      expect(await page.locator(".findings table.matrix").count()).toBe(4);

      // Back to the defaults, by keyboard.
      await page.getByRole("button", { name: say.reset }).focus();
      await page.keyboard.press("Enter");
      await expect.poll(() => result.innerText()).toBe(before);
      expect(page.url()).not.toMatch(/u=/);
      expect(await violations()).toEqual([]);
      await photograph(`study-${language}-${width}`);

      // No part of the page is wider than the page.
      const sticksOut = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(sticksOut).toBeLessThanOrEqual(0);
      expect(problems).toEqual([]);
      await close();
    });

describe("every chapter", () => {
  test("runs on the engine with its checkpoint, in both languages", { timeout: 900_000 }, async () => {
    const { page, problems, close } = await lab.open("study?lang=en", { width: 1920 });
    await page.locator(".contents nav a").first().waitFor();
    const ids = await page.locator(".contents .number").allInnerTexts();
    expect(ids).toHaveLength(27);
    for (const id of ids) {
      await page.evaluate(`location.hash = "#/study?chapter=${id}&lang=en"`);
      await page.getByText(`Chapter ${id}`, { exact: true }).waitFor();
      await page.locator(".findings").waitFor({ timeout: 300_000 });
      await page.evaluate(`location.hash = "#/study?chapter=${id}&lang=fa"`);
      await page.locator("html[lang=fa] .findings").waitFor();
      expect(problems, id).toEqual([]);
    }
    await close();
  });
});

test("a run is saved as a page of its own that needs nothing else", async () => {
  const { page, problems, close } = await lab.open("study?chapter=4.1&padding=0&lang=en", { width: 1920 });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: words.en.save }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("sabok-study-4.1-en.html");
  const text = readFileSync(await download.path(), "utf8");
  expect(text).toMatch(/^<!doctype html>/i);
  expect(text).toContain("--padding 0");
  expect(problems).toEqual([]);
  await close();
});

test("a long experiment tells how far it is and can be cancelled; the next one runs", async () => {
  const { page, problems, close } = await lab.open("study?chapter=1.6&lang=en", {
    width: 1920,
  });
  await page.locator(".chapter progress").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Stopped before the end.").waitFor();
  expect(await page.getByRole("progressbar").count()).toBe(0);
  await page.evaluate(`location.hash = "#/study?chapter=4.1&lang=en"`);
  await page.locator(".findings").waitFor({ timeout: 60_000 });
  expect(problems).toEqual([]);
  await close();
});

test("a lost engine is said beside the experiment; it runs again when asked", async () => {
  const { page, close } = await lab.open("study?chapter=1.6&lang=en", { width: 1920 });
  await page.locator(".chapter progress").waitFor();
  await Promise.all(
    page.workers().map((worker) => worker.evaluate("setTimeout(() => { throw new Error('gone'); }, 0)")),
  );
  await page
    .locator(".chapter")
    .getByText(/The engine stopped/)
    .waitFor();
  expect(await page.getByText("Chapter 1.6", { exact: true }).count()).toBe(1);
  await page.locator(".chapter").getByRole("button", { name: "Try again" }).click();
  await page.locator(".findings").waitFor({ timeout: 100_000 });
  await close();
});
