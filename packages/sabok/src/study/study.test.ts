// What every chapter shares: two texts that render, a default run that is finite, quick and as the list says, a page that fetches nothing.
import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../node/studyCheckpoint.ts";
import { loadTextWriter } from "../report/index.ts";
import { chapters, findChapter, studyPage, type Text } from "./index.ts";

const checkpoint = readStudyCheckpoint;
const headings = (text: string): number => text.match(/^## /gm)?.length ?? 0;

test("ids differ, stand in order, and a wrong one gets the nearest", () => {
  const ids = chapters.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a.localeCompare(b, "en", { numeric: true })));
  expect(() => findChapter("1.33")).toThrow(/no chapter "1\.33".*Did you mean 1\.3/);
});

describe.each(chapters.map((chapter) => [chapter.id, chapter] as const))("%s", (id, chapter) => {
  test("both texts have the same parts, and every formula parses", async () => {
    const writer = await loadTextWriter();
    expect(headings(chapter.text.en)).toBeGreaterThanOrEqual(2);
    expect(headings(chapter.text.fa)).toBe(headings(chapter.text.en));
    for (const lang of ["en", "fa"] as const) {
      const markup = [chapter.text, chapter.title, chapter.question, chapter.claim].map(
        (text) => writer.text(text[lang]).markup,
      );
      expect(markup.join("")).not.toContain("katex-error");
    }
    expect(chapter.text.fa).toMatch(/[\u0600-\u06FF]/);
  });

  test("parameter names are options", () => {
    for (const { name, label } of chapter.parameters) {
      expect(name).toMatch(/^[a-z]+[a-z0-9]*(-[a-z0-9]+)*$/);
      expect(["lang", "html", "json", "help", "chapter"]).not.toContain(name);
      expect([label.en, label.fa]).not.toContain("");
    }
  });

  test(
    "a run with the defaults is quick, finite and as the list says; its page is whole",
    { timeout: 120_000 },
    async () => {
      const begun = performance.now();
      const result = await chapter.run({}, { checkpoint });
      expect((performance.now() - begun) / 1000).toBeLessThan(60); // 20 s on two idle cores
      expect(result.verdict.status).toBe(chapter.verdict);
      for (const [name, value] of Object.entries(result.results))
        for (const each of [value].flat()) expect(each, name).not.toBeNaN();
      for (const { name, x, y } of result.series) expect(y.length, name.en).toBe(x.length);
      const texts: Text[] = [
        result.verdict.text,
        ...result.tables.map(({ title }) => title),
        ...result.series.map(({ name }) => name),
      ];
      for (const { en, fa } of texts) expect([en, fa]).not.toContain("");
      for (const lang of ["en", "fa"] as const) {
        const whole = await studyPage(chapter, {}, result, lang);
        expect(/font-family: ?Vazirmatn;/.test(whole)).toBe(lang === "fa");
        const page = whole.replaceAll(/<style>.*?<\/style>/gs, "");
        expect(page.includes(`<html lang="${lang}" dir="${lang === "fa" ? "rtl" : "ltr"}">`)).toBe(true);
        expect(/(src|href)="?(https?:)?\/\/.{0,40}/.exec(page)?.[0]).toBeUndefined();
        expect(/.{0,40}(undefined|NaN|\[object).{0,40}/.exec(page)?.[0]).toBeUndefined();
      }
    },
  );

  test("a number out of range gets the range and an example", async () => {
    const numeric = chapter.parameters.find(({ kind }) => kind === "number");
    if (numeric?.kind !== "number") return;
    await expect(chapter.run({ [numeric.name]: numeric.most + 1 })).rejects.toThrow(
      new RegExp(`Chapter ${id.replaceAll(".", "\\.")}, ${numeric.name}: got .* expected .* for example`),
    );
  });
});
