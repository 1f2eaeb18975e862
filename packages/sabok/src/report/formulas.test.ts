import { expect, test } from "vitest";
import { languageStyle } from "./languageStyle.ts";
import { loadTextWriter } from "./formulas.ts";

test("Markdown with formulas within lines and on their own, from left to right", async () => {
  const writer = await loadTextWriter();
  const { markup } = writer.text(
    "A *word*, $x_1$ and `code`:\n$$\ny = \\frac{1}{2}\n$$\nafter\n\n- item $a$",
  );
  expect(markup).toMatch(/<em>word<\/em>, <span class="formula" dir="ltr"><span class="katex">/);
  expect(markup).toMatch(/<div class="formula" dir="ltr" tabindex="0"><span class="katex-display">/);
  expect(markup).toMatch(/<p>after<\/p>\s*<ul>\s*<li>item <span class="formula"/);
  expect(markup).toContain("<math");
  expect(writer.line("costs \\$5").markup).toBe("costs $5");
});

test("a formula that does not parse is an error that shows it", async () => {
  const writer = await loadTextWriter();
  expect(() => writer.formula("\\frac{1}")).toThrow(/frac/);
});

test("the styles carry their fonts", async () => {
  const { style } = await loadTextWriter();
  expect(style.match(/@font-face/g)).toHaveLength(10);
  expect(style.includes("url(fonts")).toBe(false);
  expect(style.match(/url\(data:font\/woff2;base64,/g)).toHaveLength(10);
  expect(await languageStyle("en")).toBe("");
  expect(/font-family: Vazirmatn.*url\(data:font\/woff2;base64,/s.test(await languageStyle("fa"))).toBe(true);
});
