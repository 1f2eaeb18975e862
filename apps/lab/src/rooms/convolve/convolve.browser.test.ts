// A person's path through the Convolve room: point, type, walk by keyboard, drop a file, drag a box.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { languages, openLab, widths, type Lab } from "../../../test/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

/** The cells of a grid by what they are called: "y₂₂ = 8". */
const cell = (page: Page, name: string) => page.getByRole("gridcell", { name, exact: true });

const said = {
  en: {
    broken: /cannot read “broken\.png” as a picture/,
    misfit: /spans 17 pixels and the padded map has 6/,
    notANumber: /Every weight is a number/,
  },
  fa: {
    broken: /broken\.png.*را مرورگر تصویر نمی‌شناسد/,
    misfit: /هسته ۱۷ پیکسل را در بر می‌گیرد/,
    notANumber: /هر وزن یک عدد است/,
  },
} as const;

for (const language of languages)
  for (const width of widths)
    test(`numbers and matrix, ${language}, ${width} px`, async () => {
      const { page, problems, violations, photograph, close } = await lab.open(`convolve?lang=${language}`, {
        width,
      });
      // The edge under Sobel: y₂₂ = 9 − 1.
      const output = page.locator("figure.result");
      await output.getByRole("gridcell", { name: "y₂₂ = 8", exact: true }).waitFor();
      await page.locator(".matrix .cell.lit[data-entry]").first().waitFor();
      expect(await page.locator(".matrix .cell.lit[data-entry]").count()).toBe(9);
      expect(await page.locator(".sum").innerText()).toMatch(/^y₂₂ = .*1·9 = 8$/s);

      // Pointing at an input shows who reads it: a corner is read once.
      await page.locator("figure.x .cell[data-at='0']").hover();
      await page.waitForFunction(`document.querySelectorAll(".matrix .cell.lit[data-entry]").length === 1`);
      expect(await output.locator(".cell.lit").getAttribute("aria-label")).toBe("y₁₁ = 0");
      await page.locator("h1").hover();

      // The window steps, and walks by itself until it is paused.
      await page.locator(".place button").first().click();
      await page.waitForFunction(`location.hash.includes("at=y6")`);
      await page.locator(".place button").nth(1).click();
      await page.waitForFunction(`location.hash.includes("at=y8")`);
      await page.locator(".place button[aria-pressed=true]").click();

      // One entry of the matrix, by keyboard: Tab goes to the first, the arrow to the second, Enter keeps it.
      await page.locator(".matrix [data-entry='0']").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await page.waitForFunction(`location.hash.includes("at=y0w1x1")`);
      expect(await page.locator("figure.w .cell.chosen").getAttribute("aria-label")).toBe("w₁₂ = 0");

      // One lit pixel under 1 to 9: the answer is the kernel turned round; a weight typed over is in it at once.
      await page.locator(".convolve select").nth(0).selectOption("corner");
      await page.locator(".view-controls select").nth(0).selectOption("spot");
      await output.getByRole("gridcell", { name: "y₂₂ = 9", exact: true }).waitFor();
      const last = page.locator(".kernel-editor input").nth(8);
      await last.fill("10");
      await last.press("Tab");
      await output.getByRole("gridcell", { name: "y₂₂ = 10", exact: true }).waitFor();
      await page.waitForFunction(`location.hash.includes("weights=1%2C2%2C3%2C4%2C5%2C6%2C7%2C8%2C10")`);
      await last.fill("ten");
      await last.press("Tab");
      expect(await page.getByRole("alert").innerText()).toMatch(said[language].notANumber);
      expect(await last.inputValue()).toBe("10");

      // Backwards with L = Σ y: an inner input collects all nine weights, 46; each weight all it met, 1.
      await page.locator("input[value='inputGradient']").check();
      await page.locator(".view-controls select").nth(1).selectOption("ones");
      await cell(page, "∂x₃₃ = 46").waitFor();
      await page.locator("input[value='weightGradient']").check();
      await cell(page, "∂w₁₁ = 1").first().waitFor();
      await page.locator("input[value='symbols']").check();
      expect(await violations()).toEqual([]);
      await photograph(`convolve-grid-${language}-${width}`);

      // A kernel that fits nowhere is a message with what to change, and the change mends it.
      await page.goto(`${lab.url}#/convolve?lang=${language}&kernel=5&dilation=4`);
      const warning = page.locator(".message.warning");
      await warning.waitFor();
      expect(await warning.innerText()).toMatch(said[language].misfit);
      await page.goto(
        `${lab.url}#/convolve?lang=${language}&kernel=5&dilation=4&padding=5&operation=transposed&stride=2`,
      );
      await page.locator("figure.result").waitFor();
      // The largest map of all: 45x45 outputs, whose matrix is not drawn but said.
      await page.goto(
        `${lab.url}#/convolve?lang=${language}&operation=transposed&size=8&kernel=5&stride=4&dilation=4&weights=blur`,
      );
      await page.locator(".message.info").waitFor();
      expect(await page.locator("figure.result .cell").count()).toBe(45 * 45);
      expect(await violations()).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    });

for (const language of languages)
  for (const width of widths)
    test(`over a picture, ${language}, ${width} px`, async () => {
      const { page, problems, violations, photograph, close } = await lab.open(
        `convolve?tab=picture&lang=${language}`,
        {
          width,
          theme: language === "fa" ? "dark" : "light",
        },
      );
      const canvases = page.locator(".shades canvas");
      await canvases.nth(2).waitFor();
      const shadesOf = (at: number): Promise<string> =>
        canvases.nth(at).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      // Sobel leaves no shade of the input; the identity leaves all of them.
      expect(await shadesOf(1)).not.toBe(await shadesOf(0));
      await page.locator(".convolve select").nth(0).selectOption("identity");
      await page.locator(".side input[type=range]").nth(3).press("ArrowUp");
      await page.waitForFunction(
        `(() => { const [a, b] = [...document.querySelectorAll(".shades canvas")].map((canvas) => canvas.toDataURL()); return a === b; })()`,
      );
      // The window goes where the pointer is, and where the sliders are put.
      await page.locator(".shades").nth(1).scrollIntoViewIfNeeded();
      const box = (await page.locator(".shades").nth(1).boundingBox())!;
      await page.mouse.move(box.x + box.width / 2 + 1, box.y + box.height / 4 + 1);
      await page.waitForFunction(`location.hash.includes("row=16") && location.hash.includes("column=32")`);
      await page.locator(".sliders input[type=range]").nth(0).press("Home");
      await page.waitForFunction(`location.hash.includes("row=0")`);

      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
      expect(await page.getByRole("alert").innerText()).toMatch(said[language].broken);
      const own = await shadesOf(0);
      const png = await page.evaluate<string>(
        `(() => { const c = document.createElement("canvas"); c.width = 8; c.height = 4; const g = c.getContext("2d"); g.fillStyle = "white"; g.fillRect(0, 0, 4, 4); return c.toDataURL("image/png").split(",")[1]; })()`,
      );
      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "half.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
      await page.waitForFunction(`location.hash.includes("file=half.png")`);
      await page.waitForFunction(
        `document.querySelector(".shades canvas").toDataURL() !== ${JSON.stringify(own)}`,
      );
      expect(await page.getByRole("alert").count()).toBe(0);
      // The URL alone cannot carry it: a reload asks for it again.
      await page.reload();
      await page.getByText("half.png").waitFor();
      await page.locator(".view-controls button").click();
      await page.waitForFunction(`!location.hash.includes("half.png")`);
      await canvases.nth(2).waitFor();
      expect(await violations()).toEqual([]);
      await photograph(`convolve-picture-${language}-${width}`);
      expect(problems).toEqual([]);
      await close();
    });

for (const language of languages)
  for (const width of widths)
    test(`regions, ${language}, ${width} px`, async () => {
      const place = `convolve?tab=regions&featureMap=plane&x1=6&y1=4&x2=22&y2=20&bins=2&aligned=false&lang=${language}`;
      const { page, problems, violations, photograph, close } = await lab.open(place, { width });
      // TV-3.3: RoIAlign and RoIPool of 10i + j under this box.
      await cell(page, "₁₁ = 28.1").first().waitFor();
      await cell(page, "₂₂ = 55.6").first().waitFor();
      for (const name of ["₁₁ = 34", "₁₂ = 37", "₂₁ = 64", "₂₂ = 67"]) await cell(page, name).waitFor();
      // Aligned, everything is half a cell on: 28.125 − 5.5.
      await page.getByRole("switch").check();
      await cell(page, "₁₁ = 22.6").first().waitFor();

      // By keyboard: the box by four pixels, then a corner by a quarter.
      await page.locator(".region-map .box").focus();
      await page.keyboard.press("Shift+ArrowRight");
      await page.waitForFunction(`location.hash.includes("x1=10") && location.hash.includes("x2=26")`);
      await page.locator(".region-map .grip.se").focus();
      await page.keyboard.press("ArrowUp");
      await page.waitForFunction(`location.hash.includes("y2=19.75")`);
      // By pointer: the box by one cell to the left, 3.2 pixels, which is 3.25 in quarters.
      await page.locator(".region-map").scrollIntoViewIfNeeded();
      const map = (await page.locator(".region-map").boundingBox())!;
      const middle = { x: map.x + map.width * 0.55, y: map.y + map.height * 0.35 };
      await page.mouse.move(middle.x, middle.y);
      await page.mouse.down();
      await page.mouse.move(middle.x - map.width / 10, middle.y, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(`location.hash.includes("x1=6.75")`);

      // A bin kept: its weights lie on the map, and the gradient is its own.
      await page.locator(".pooled figure").nth(2).locator(".cell[data-at='3']").click();
      await page.waitForFunction(`location.hash.includes("bin=3") && location.hash.includes("reading=pool")`);
      await page.waitForFunction(`document.querySelectorAll(".region-map .weight").length > 3`);
      const shares = await page
        .locator(".gradient-map rect")
        .evaluateAll(
          (cells) =>
            cells.filter((rect) => (rect as SVGElement).style.getPropertyValue("--share") === "1.000").length,
        );
      expect(shares).toBe(1);
      await page.locator("input[value='align']").check();
      expect(await violations()).toEqual([]);
      await photograph(`convolve-regions-${language}-${width}`);
      expect(problems).toEqual([]);
      await close();
    });
