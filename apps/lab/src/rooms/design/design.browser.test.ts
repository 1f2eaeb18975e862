// A person's path through the Design room: ask, pick from the frontier by keyboard, take the code, ask for too much, stop a search.
import { afterAll, beforeAll, expect, test } from "vitest";
import { languages, openLab, widths, type Lab } from "../../../test/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const said = {
  en: {
    macs: "7,077,888",
    proof: "lower bound 7,077,888, optimum 7,077,888 MACs",
    picked: "The stack picked",
    copied: "Copied.",
    infeasible: "There is no such stack",
    layersRemedy: "Allow 1 to 3 layers",
    count: /3 numbers of channels are given; this many layers need 4/,
    stop: "Stop and keep the best so far",
    stopped: /^Stopped: .* lower bound .* best so far/,
    cancel: "Cancel",
    cancelled: "The search was cancelled",
  },
  fa: {
    macs: "۷٬۰۷۷٬۸۸۸",
    proof: "کران پایین ۷٬۰۷۷٬۸۸۸ و بهینه ۷٬۰۷۷٬۸۸۸ ضرب‌وجمع",
    picked: "پشتهٔ برگزیده",
    copied: "رونوشت شد.",
    infeasible: "چنین پشته‌ای نیست",
    layersRemedy: "۱ تا ۳ لایه را مجاز کنید",
    count: /۳ عدد برای کانال‌ها داده شده است؛ این تعداد لایه ۴ عدد می‌خواهد/,
    stop: "توقف و نگه‌داشتن بهترین تا اینجا",
    stopped: /^متوقف شد: .* کران پایین .* بهترین تا اینجا/,
    cancel: "لغو",
    cancelled: "جست‌وجو لغو شد",
  },
} as const;

for (const language of languages)
  for (const width of widths)
    test(`a person's path, ${language}, ${width} px`, async () => {
      const words = said[language];
      const { page, problems, violations, photograph, close } = await lab.open(`design?lang=${language}`, {
        width,
        theme: language === "fa" && width > 1000 ? "dark" : "light",
      });
      // Three layers of 3 at 27 weights of 16·16 channels on 32·32 places: 27·256·1024.
      await page.locator(".facts .figure", { hasText: words.macs }).waitFor();
      expect(await page.locator(".proof").innerText()).toContain(words.proof);
      expect(await page.locator(".cone svg circle").count()).toBe(25 + 9 + 3 + 1);
      expect(await violations()).toEqual([]);
      await photograph(`design-${language}-${width}`);

      // The frontier by keyboard: one point to the left, Enter.
      await page.locator(".frontier [role=option][aria-selected=true]").focus();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: words.picked }).waitFor();
      await page.waitForFunction(`location.hash.includes("pick=3-3d3")`);
      const code = await page.locator("pre").first().innerText();
      expect(code).toContain('x = layer(x, { out: 16, kernel: 3, dilation: 3, padding: "same" });');
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page
        .locator(".panel .actions .button", { hasNot: page.locator("a") })
        .filter({ has: page.locator("path[d^='M10 3v10']") })
        .click();
      await page.getByText(words.copied).waitFor();
      expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(code);
      const link = new URL((await page.locator("a.button.main").getAttribute("href"))!, lab.url);
      expect(new URLSearchParams(link.hash.split("?")[1]).get("blocks")).toBe(
        "stem_k1_s1_c16_nre cn_r1_k3_s1_c16_nre cn_r1_k3_s1_d3_c16_nre",
      );
      await page.locator("a.button.main").click();
      await page.waitForFunction(`location.hash.startsWith("#/network")`);
      await page.locator("main h1").waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      await page.goBack();
      await page.getByRole("heading", { name: words.picked }).waitFor();
      // The URL alone gives the same view.
      await page.reload();
      await page.getByRole("heading", { name: words.picked }).waitFor();

      // Too much asked for: the reason, and changes that were tried; one is taken.
      for (const kernel of ["5", "7"])
        await page
          .locator(".toggles")
          .first()
          .getByRole("button", {
            name: language === "fa" ? { 5: "۵", 7: "۷" }[kernel]! : kernel,
            exact: true,
          })
          .click();
      const most = page.locator(".questions input[type=range]").nth(4);
      for (const _ of [5, 4, 3]) await most.press(language === "fa" ? "ArrowDown" : "ArrowLeft");
      await page.locator(".message.warning strong", { hasText: words.infeasible }).waitFor();
      const remedy = page.getByRole("button", { name: words.layersRemedy });
      await remedy.waitFor();
      if (language === "fa")
        expect(await page.locator(".message.warning p").first().innerText()).not.toMatch(/[A-Za-z]/);
      expect(await violations()).toEqual([]);
      await photograph(`design-infeasible-${language}-${width}`);
      await remedy.click();
      await page.locator(".facts .figure", { hasText: words.macs }).waitFor();

      // A list that is none, or too short, is said at its field and nothing else is lost.
      const channels = page.locator("input.code");
      await channels.fill("3,16,32");
      expect(await page.locator(".questions [role=alert]").innerText()).toMatch(words.count);
      await channels.fill("3,8,16,x");
      expect(await page.locator(".questions [role=alert]").innerText()).toContain("3,8,16,x");
      await channels.fill("3,8,16,32");
      await page.locator("pre").first().getByText("out: 32").waitFor();
      expect(problems).toEqual([]);
      await close();
    });

const long =
  "height=256&width=256&to=12&kernels=3,4,5,6,7,9,11&strides=1,2,3,4&dilation=32&output=1&cost=valid";

for (const language of languages)
  test(`a long search says how far it is, stops with what it has, and can be cancelled, ${language}`, async () => {
    const words = said[language];
    const { page, problems, violations, photograph, close } = await lab.open(
      `design?lang=${language}&${long}`,
    );
    const stop = page.getByRole("button", { name: words.stop });
    await stop.waitFor();
    expect(await violations()).toEqual([]);
    await photograph(`design-searching-${language}`);
    await stop.click();
    await page.locator(".proof").waitFor();
    expect(await page.locator(".proof").innerText()).toMatch(words.stopped);
    // Another question, cancelled: the answer before it stays.
    const before = await page.locator(".facts .figure").first().innerText();
    await page.locator(".questions input[type=range]").nth(2).press("ArrowUp");
    await stop.waitFor();
    await page.getByRole("button", { name: words.cancel, exact: true }).click();
    await page.getByText(words.cancelled).waitFor();
    expect(await page.locator(".facts .figure").first().innerText()).toBe(before);
    expect(problems).toEqual([]);
    await close();
  });
