// A person's path through the Train room in a real browser: held from the start, stepped, let go, the rate changed, ended
// early, the files downloaded, a second run compared. And what goes wrong: damaged images, a lost engine.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { encodePng } from "sabok/report";
import { fromOnnx } from "sabok/onnx";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { languages, openLab, widths, type Lab } from "../../../test/lab.ts";

const words = {
  en: {
    startHeld: "Start held",
    start: "Start",
    held: "Held",
    done: "Done",
    step: "One step",
    go: "Go on",
    finish: "Finish now",
    rate: "Peak learning rate",
    onnx: "Download ONNX",
    report: "Download the report",
    compare: "What differs between the runs",
    layers: "Layers in numbers",
    stepped: "step 1 of 281",
  },
  fa: {
    startHeld: "آغاز در حال مکث",
    start: "آغاز",
    held: "مکث",
    done: "پایان یافت",
    step: "یک گام",
    go: "ادامه",
    finish: "همین‌جا تمام کن",
    rate: "بیشینهٔ نرخ یادگیری",
    onnx: "بارگیری ONNX",
    report: "بارگیری گزارش",
    compare: "آنچه میان دو اجرا فرق دارد",
    layers: "لایه‌ها به عدد",
    stepped: "گام ۱ از ۲۸۱",
  },
} as const;

/** A network and settings that take seconds. */
const quick = "network=blocks&blocks=ds_r1_k3_s2_c8+ds_r1_k3_s2_c16&batch=32&epochs=1&threads=1";
const phase = (page: Page, name: string) => page.locator(".train-run .phase", { hasText: name });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

let lab: Lab;
let folder: string;
beforeAll(async () => {
  lab = await openLab();
  folder = mkdtempSync(join(tmpdir(), "sabok-lab-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab?.close();
});

for (const language of languages)
  for (const width of widths)
    test(`a person's path, ${language}, ${width} px`, { timeout: 240_000 }, async () => {
      const say = words[language];
      const { page, problems, violations, photograph, close } = await lab.open(
        `train?${quick}&lang=${language}`,
        {
          width,
          theme: (width === 390) === (language === "en") ? "dark" : "light",
        },
      );
      page.setDefaultTimeout(90_000);
      expect(await violations()).toEqual([]);

      // Held from the start: the images, a first look, no step yet.
      await button(page, say.startHeld).click();
      await phase(page, say.held).waitFor();
      const taken = page.locator(".guesses li");
      expect(await taken.count()).toBe(30);

      // One step is one step; its look shows at once.
      await button(page, say.step).click();
      await page.getByText(say.stepped).waitFor();
      await phase(page, say.held).waitFor();
      expect(await page.getByText(say.stepped).count()).toBe(1);

      // The rate is changed while it is held: by keyboard, into the URL, and into the next step.
      const rate = page.getByRole("slider", { name: say.rate });
      const before = await rate.getAttribute("aria-valuetext");
      await rate.focus();
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      expect(await rate.getAttribute("aria-valuetext")).not.toBe(before);
      expect(page.url()).toMatch(/rate=0\.003\d/);

      // It goes on, and is ended early; the model and the report are there.
      await button(page, say.go).click();
      await expect.poll(() => page.getByText(say.stepped).count(), { timeout: 60_000 }).toBe(0);
      await button(page, say.finish).click();
      await phase(page, say.done).waitFor();
      const [onnx] = await Promise.all([page.waitForEvent("download"), button(page, say.onnx).click()]);
      const { graph, metadata } = fromOnnx(readFileSync(await onnx.path()));
      expect(graph.inputs["image"]?.type.shape.slice(1) ?? metadata.inputSize).toEqual([1, 28, 28]);
      expect(metadata.classes).toContain("Sneaker");
      const [report] = await Promise.all([page.waitForEvent("download"), button(page, say.report).click()]);
      expect(readFileSync(await report.path(), "utf8")).toContain("sabok fit fashion-mnist --blocks");

      // A second run with another seed, laid over the first.
      await page.locator("summary", { hasText: say.layers }).click();
      await page.getByRole("spinbutton").last().waitFor();
      await page.evaluate(`location.hash = location.hash.replace("epochs=1", "epochs=1&seed=7")`);
      await button(page, say.startHeld).click();
      await phase(page, say.held).waitFor();
      await button(page, say.step).click();
      await page.getByText(say.stepped).waitFor();
      await page.locator(".compare input[type=radio]").last().check({ force: true });
      await page.getByRole("region", { name: say.compare }).waitFor();
      expect(await page.getByRole("region", { name: say.compare }).getByRole("row").count()).toBeGreaterThan(
        8,
      );
      expect(await violations()).toEqual([]);
      await photograph(`train-${language}-${width}`);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      expect(problems).toEqual([]);
      await close();
    });

describe("images of one's own", () => {
  /** Two classes of grey pictures, bright and dark, that are easy to tell apart. */
  async function writePhotos(name: string, broken = false): Promise<string> {
    const at = join(folder, name);
    for (const [label, base] of [
      ["bright", 180],
      ["dark", 20],
    ] as const) {
      mkdirSync(join(at, label), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const pixels = Uint8Array.from({ length: 20 * 20 }, (_, p) => base + ((7 * p + 13 * i) % 50));
        const png = await encodePng({ pixels, channels: 1, height: 20, width: 20 });
        writeFileSync(join(at, label, `${i}.png`), broken && i === 3 ? png.slice(0, 40) : png);
      }
    }
    return at;
  }

  test("a folder is chosen, decoded, trained on and tested", async () => {
    const { page, problems, close } = await lab.open(
      "train?data=dropped&size=16&network=blocks&blocks=ds_r1_k3_s2_c8&batch=4&epochs=2&threads=1&lang=en",
    );
    page.setDefaultTimeout(90_000);
    await button(page, "Start").click();
    await page.getByText("Drop or choose your images first.").waitFor();
    await page.locator("input[webkitdirectory]").setInputFiles(await writePhotos("photos"));
    await page.getByText("24 files of “photos”").waitFor();
    expect(page.url()).toContain("dropped=photos");
    await button(page, "Start").click();
    await phase(page, "Done").waitFor();
    await page.getByText("Test accuracy").first().waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  test("a damaged image is named, nothing else is lost, and the next run goes", async () => {
    const { page, problems, close } = await lab.open(
      "train?data=dropped&size=16&network=blocks&blocks=ds_r1_k3_s2_c8&batch=4&epochs=1&threads=1&lang=en",
    );
    page.setDefaultTimeout(90_000);
    await page.locator("input[webkitdirectory]").setInputFiles(await writePhotos("damaged", true));
    await button(page, "Start").click();
    await phase(page, "Failed").waitFor();
    await page.getByText(/damaged\/(bright|dark)\/3\.png: the browser cannot decode this image/).waitFor();
    await page.locator("input[webkitdirectory]").setInputFiles(await writePhotos("photos"));
    await button(page, "Start").click();
    await phase(page, "Done").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  test("a view of images that are gone asks for them again", async () => {
    const { page, close } = await lab.open("train?data=dropped&dropped=holiday&lang=en");
    await page.getByText("This view was made with “holiday”").waitFor();
    await close();
  });
});

test("a budget that is too small and a typo in the blocks say what is wrong", async () => {
  const { page, problems, close } = await lab.open("train?macs=100000&epochs=1&lang=en");
  page.setDefaultTimeout(90_000);
  await button(page, "Start").click();
  await page
    .getByText(/A budget of 100,000 MACs is too small: the smallest network for 1x28x28 images has/)
    .waitFor();
  await page.evaluate(`location.hash = "#/train?network=blocks&blocks=ds_r1_k3_s2_x8&epochs=1&lang=en"`);
  await expect.poll(() => page.locator("textarea").inputValue()).toContain("x8");
  await button(page, "Start").click();
  await page.getByText(/ds_r1_k3_s2_x8\n\s+\^/).waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("a lost engine is said; the curves stay and another run starts", { timeout: 180_000 }, async () => {
  const { page, close } = await lab.open(`train?${quick}&lang=en`);
  page.setDefaultTimeout(90_000);
  await button(page, "Start held").click();
  await phase(page, "Held").waitFor();
  await button(page, "One step").click();
  await page.getByText("step 1 of 281").waitFor();
  // Nothing in a page can end a worker from outside; the worker is made to throw where nobody catches.
  await Promise.all(
    page.workers().map((worker) => worker.evaluate("setTimeout(() => { throw new Error('gone'); }, 0)")),
  );
  await phase(page, "Failed").waitFor();
  await page
    .locator(".train-run")
    .getByText(/The engine stopped/)
    .waitFor();
  expect(await page.getByText("step 1 of 281").count()).toBe(1);
  expect(await page.locator(".train-curves canvas").count()).toBeGreaterThan(0);
  await button(page, "Start held").click();
  await phase(page, "Held").waitFor();
  await close();
});

test(
  "a run goes on while another room is open; a page left in the middle says what was lost",
  { timeout: 180_000 },
  async () => {
    const { page, problems, close } = await lab.open(`train?${quick}&seed=5&lang=en`);
    page.setDefaultTimeout(90_000);
    await button(page, "Start held").click();
    await phase(page, "Held").waitFor();
    await button(page, "Go on").click(); // the run may be over before anyone sees it begin
    await page.getByRole("link", { name: "Study" }).click();
    await page.locator("main h1", { hasText: "Study" }).waitFor();
    await page.getByRole("link", { name: "Train" }).click();
    await phase(page, "Done").waitFor();
    expect(page.url()).toContain("seed=5");
    await button(page, "Start held").click();
    await phase(page, "Held").waitFor();
    await page.reload();
    await page.getByText("A run was under way when this page was left").waitFor();
    await button(page, "Start held").click();
    await phase(page, "Held").waitFor();
    expect(problems).toEqual([]);
    await close();
  },
);

test("without isolation it says so and trains on one thread", { timeout: 180_000 }, async () => {
  const plain = await openLab({ isolated: false });
  const { page, problems, close } = await plain.open(`train?${quick}&lang=en`);
  page.setDefaultTimeout(90_000);
  await page.getByText(/isolation headers/).waitFor();
  await button(page, "Start held").click();
  await phase(page, "Held").waitFor();
  await button(page, "One step").click();
  await page.getByText("step 1 of 281").waitFor();
  expect(problems).toEqual([]);
  await close();
  await plain.close();
});
