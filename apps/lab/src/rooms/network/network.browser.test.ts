// The Network room as a person walks through it: by keyboard and mouse, in both languages, at both widths.
import type { Page } from "playwright-core";
import { tensor, toInference } from "sabok";
import { toOnnx, writeSafetensors } from "sabok/onnx";
import { blockStringNetwork } from "sabok/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { languages, openLab, widths, type Lab } from "../../../test/lab.ts";
import { words } from "./words.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

const node = (page: Page, id: string) => page.locator(`g.node[data-id="${id}"]`);
/** 300774272 as the page writes it. */
const written = (value: number, language: "en" | "fa") =>
  new Intl.NumberFormat(language === "fa" ? "fa-IR" : "en-US").format(value);

for (const language of languages)
  for (const width of widths)
    test(`from a model to a layer's answers and an edited block, ${language}, ${width} px`, async () => {
      const w = words[language];
      const theme = language === "fa" ? "dark" : "light";
      const { page, problems, violations, photograph, close } = await lab.open(`network?lang=${language}`, {
        width,
        theme,
      });
      await node(page, "block features.2").waitFor();
      await page.getByText(written(300_774_272, language)).waitFor();
      await page.getByText(written(3_504_872, language)).waitFor();
      await page.getByText(w.lintNone).waitFor();
      expect(await violations()).toEqual([]);
      await photograph(`network-${language}-${width}`);

      // By keyboard: to the stem, the first block, the second; unfold it and go in.
      await node(page, "input").focus();
      for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
      await page.waitForFunction(
        () => document.activeElement?.getAttribute("data-id") === "block features.2",
      );
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: w.block, exact: true }).waitFor();
      await page.keyboard.press("Space");
      await node(page, "layer4").waitFor();
      await node(page, "layer4").click(); // the depthwise convolution of features.2
      await page.getByRole("heading", { name: w.answers }).waitFor();
      await page.locator("[data-milliseconds]").waitFor();
      const layer = page.locator(".layer-panel");
      expect(await layer.getByRole("img").count()).toBe(3); // field, answers, filters
      const sees = language === "en" ? "11×11" : "۱۱×۱۱"; // stem 3, depthwise 3 at jump 2, depthwise 3 at jump 2
      expect(await layer.locator(".field-picture").innerText()).toContain(sees);
      await layer.locator(".field-canvas").focus();
      await page.keyboard.press("ArrowRight");
      expect(await layer.locator(".field-canvas").getAttribute("aria-label")).toBe(
        w.fieldOver(language === "en" ? "(27, 28)" : "(۲۷, ۲۸)"),
      );
      expect(await violations()).toEqual([]);
      await photograph(`network-layer-${language}-${width}`);

      // A kernel of 5: 16 more weights in each of 96 channels, at 56 · 56 places.
      const kernels = page.getByRole("group", { name: w.kernel });
      await kernels.getByRole("radio").nth(1).check();
      await page.getByText(written(300_774_272 + 96 * 16 * 56 * 56, language)).waitFor();
      expect(decodeURIComponent(page.url())).toContain("k5_s2_e6_c24");

      for (const color of [w.field, w.signal]) {
        await page.getByRole("radio", { name: color, exact: true }).check();
        await page.getByText(color === w.field ? w.fieldLegend : w.signalLegend).waitFor();
      }
      await page.getByText(w.signalRunning).waitFor({ state: "detached" });
      expect(await node(page, "layer0").getAttribute("data-level")).toMatch(/[0-5]/);
      expect(await violations()).toEqual([]);
      await photograph(`network-edited-${language}-${width}`);
      expect(problems).toEqual([]);
      await close();
    });

test("blocks are typed; an error points at the character and keeps the network", async () => {
  const { page, problems, close } = await lab.open("network?lang=en");
  await node(page, "layer0").waitFor();
  const field = page.getByLabel(words.en.blocks);
  await field.fill("stem_k3_s2_c16\nir_r2_k4_s2_e6_c24");
  const alert = page.getByRole("alert").filter({ hasText: "Block string" });
  await alert.waitFor();
  expect(await alert.innerText()).toContain(
    'line 2, column 8: got "4" as kernel size, expected an odd whole number',
  );
  expect(await page.getByText("300,774,272").count()).toBe(1);
  await field.fill("stem_k3_s2_c16\nir_r2_k5_s2_e6_c24");
  await node(page, "block features.2").waitFor();
  await page.getByText("300,774,272").waitFor({ state: "detached" });
  expect(await node(page, "block features.3").count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

test("a link that says blocks only opens them; picking a model leaves them", async () => {
  const { page, problems, close } = await lab.open(
    "network?lang=en&blocks=stem_k3_s2_c16 cn_k3_c8&size=64&classes=10",
  );
  await page.getByText("3×64×64").first().waitFor();
  // Stem 3·16·9 weights and 2·16 of its norm, then 16·8·9 and 2·8, then 8·10 and 10.
  await page.getByText(written(432 + 32 + 1152 + 16 + 90, "en"), { exact: true }).waitFor();
  await page.getByLabel(words.en.model).selectOption("resnet18");
  await page.getByRole("heading", { name: "resnet18", level: 1 }).waitFor();
  await page.getByText(words.en.noBlocks).waitFor();
  expect(page.url()).not.toContain("blocks");
  expect(problems).toEqual([]);
  await close();
});

test("an ONNX file is drawn and answers; a broken one leaves what was there", async () => {
  const { page, problems, close } = await lab.open("network?lang=en");
  await node(page, "layer0").waitFor();
  const small = blockStringNetwork("stem_k3_s2_c8_nre ir_r1_k3_s1_e2_c8_nre cn_r1_k1_s1_c16_nre", {
    input: [3, 64, 64],
    classes: 4,
  });
  const bytes = Buffer.from(toOnnx(toInference(small.graph), small.weights));
  const chooser = page.locator('input[type="file"][accept*="onnx"]');
  await chooser.setInputFiles({ name: "small.onnx", mimeType: "", buffer: bytes });
  await page.getByRole("heading", { name: "small.onnx", level: 1 }).waitFor();
  await page.getByText("3×64×64").first().waitFor();
  await node(page, "layer0").click();
  await page.locator("[data-milliseconds]").waitFor();
  expect(await page.getByRole("heading", { name: /^conv 3×3 \/2/ }).count()).toBe(1);

  await chooser.setInputFiles({ name: "cut.onnx", mimeType: "", buffer: bytes.subarray(0, 700) });
  await page.getByRole("alert").filter({ hasText: "cut.onnx could not be read" }).waitFor();
  await chooser.setInputFiles({ name: "holiday.jpg", mimeType: "", buffer: bytes });
  await page.getByRole("alert").filter({ hasText: "is no file that the Lab knows" }).waitFor();
  expect(await node(page, "layer0").count()).toBe(1);
  expect(await page.locator("[data-milliseconds]").count()).toBe(1);
  expect(problems).toEqual([]);
  await close();
});

test("weights from a safetensors file are used where they fit, and the lint says what and why", async () => {
  const blocks = "stem_k3_s2_c8_nre ir_r1_k3_s1_e3_c20_nre cn_r1_k1_s1_c16_nre";
  const query = new URLSearchParams({ lang: "en", blocks, size: "64", classes: "4" }).toString();
  const { page, problems, violations, photograph, close } = await lab.open(`network?${query}`);
  const { weights } = blockStringNetwork(blocks, { input: [3, 64, 64], classes: 4 });
  const chooser = page.locator('input[type="file"][accept*="onnx"]');
  const buffer = Buffer.from(writeSafetensors(new Map([...weights, ["another", tensor([2], [1, 2])]])));
  await page
    .getByRole("button", { name: words.en.showLayer("features.1.block.2.0") })
    .first()
    .waitFor();
  await chooser.setInputFiles({ name: "small.safetensors", mimeType: "", buffer });
  await page.getByText(words.en.weightsUsed(`${weights.size}`, `${weights.size}`)).waitFor();
  await page.getByText(words.en.weightsUnused("another")).waitFor();
  await page
    .getByRole("button", { name: words.en.showLayer("features.1.block.2.0") })
    .first()
    .click();
  await page.locator("[data-milliseconds]").waitFor();
  await page.getByRole("heading", { name: words.en.lintHere }).waitFor();
  expect(await page.getByText(words.en.untrained).count()).toBe(0);
  expect(await violations()).toEqual([]);
  await photograph("network-lint");
  expect(problems).toEqual([]);
  await close();
});

test("a picture can be drawn, dropped and taken from the camera", async () => {
  const { page, problems, close } = await lab.open("network?lang=en&layer=features.0.0");
  const took = page.locator("[data-milliseconds]");
  await took.waitFor();
  await page.getByRole("radio", { name: words.en.pictureUse.draw }).check();
  const board = page.locator("canvas.board");
  const box = (await board.boundingBox())!;
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 130, { steps: 6 });
  await page.mouse.up();
  await page.getByRole("radio", { name: words.en.pictureUse.camera }).check();
  await page.getByRole("button", { name: words.en.cameraStop }).click();
  await page.locator('input[type="file"][accept="image/*"]').setInputFiles({
    name: "broken.png",
    mimeType: "image/png",
    buffer: Buffer.from("no picture"),
  });
  await page.getByRole("alert").filter({ hasText: "cannot read “broken.png” as a picture" }).waitFor();
  await took.waitFor();
  expect(problems).toEqual([]);
  await close();
});
