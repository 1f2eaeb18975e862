// The frame: rooms, language and theme, by mouse and keyboard, in both widths; what happens when the engine or a room is lost.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLab, type Lab } from "../../test/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

test("the frame turns to Persian, keeps it in the URL, and walks the rooms", async () => {
  const { page, problems, close } = await lab.open("network");
  await page.getByRole("button", { name: "نمایش به فارسی" }).click();
  expect(await page.evaluate("document.documentElement.dir")).toBe("rtl");
  expect(page.url()).toContain("lang=fa");
  await page.getByRole("link", { name: "طراحی" }).click();
  await page.locator("main h1").waitFor();
  expect(page.url()).toContain("#/design");
  expect(await page.title()).toBe("طراحی · آزمایشگاه سبک");
  await page.goBack();
  expect(page.url()).toContain("#/network");
  expect(problems).toEqual([]);
  await close();
});
