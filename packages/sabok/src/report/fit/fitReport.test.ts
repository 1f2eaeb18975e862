import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { ImageSet } from "../../data/index.ts";
import type { Evaluation, EpochMetrics } from "../../train/index.ts";
import { fitReport, type FitReport } from "./fitReport.ts";
import { sampleReport } from "./sampleReport.ts";

const hundred = Array.from({ length: 100 }, (_, i) => `class number ${i}`);
const sample = sampleReport();

const cases: [string, FitReport][] = [
  ["ten classes", sample],
  ["two classes", sampleReport({ classes: ["cat", "dog"], testImages: 30, channels: 3, side: 40 })],
  [
    "a hundred classes",
    sampleReport({ classes: hundred, testImages: 3000, channels: 3, side: 32, accuracy: 0.5 }),
  ],
  ["one epoch", sampleReport({ epochs: 1 })],
  ["no epoch", sampleReport({ epochs: 0 })],
  ["no validation", sampleReport({ validation: false })],
  ["no mistake", sampleReport({ accuracy: 1 })],
  ["a class without test images", sampleReport({ testImages: 9 })],
  [
    "an epoch whose numbers are not finite",
    { ...sample, history: [...sample.history, { ...sample.history[0]!, epoch: 13, loss: NaN }] },
  ],
];

describe.each(cases)("the report of %s", async (_name, report) => {
  const page = await fitReport(report);
  const { document } = parseHTML(page);
  const all = (selector: string) => Array.from(document.querySelectorAll(selector));

  it("is one well-formed document", () => {
    expect(page.startsWith("<!doctype html>")).toBe(true);
    expect(all("h1")).toHaveLength(1);
    expect(all("th").filter((cell) => !["row", "col"].includes(cell.getAttribute("scope") ?? ""))).toEqual(
      [],
    );
    expect(all("img").filter((image) => !image.getAttribute("alt"))).toEqual([]);
    expect(
      all("svg").filter((svg) => svg.getAttribute("aria-hidden") === null && !svg.getAttribute("aria-label")),
    ).toEqual([]);
    const ids = all("[id]").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const anchors = all('a[href^="#"]').map((link) => link.getAttribute("href")!.slice(1));
    expect(anchors.length).toBeGreaterThan(6);
    expect(anchors.filter((id) => !ids.includes(id))).toEqual([]);
    const levels = all("h1, h2, h3").map(({ tagName }) => Number(tagName[1]));
    levels.reduce((before, level) => (expect(level - before).toBeLessThanOrEqual(1), level));
    expect(all("figure:has(.plot) details table").length).toBeGreaterThanOrEqual(1);
  });

  it("refers to nothing outside itself", () => {
    const references = all("[src], [href], [srcset], [data], [action]").flatMap((element) =>
      ["src", "href", "srcset", "data", "action"].map((name) => element.getAttribute(name) ?? "#"),
    );
    expect(references.filter((reference) => !/^(#|data:)/.test(reference))).toEqual([]);
    expect(
      all("style")
        .map((style) => style.textContent)
        .join(""),
    ).not.toMatch(/url\(|@import/);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)/);
    expect(page).toContain("default-src &#39;none&#39;");
  });

  it("has no NaN in text or geometry", () => {
    expect(document.querySelector("main")?.textContent).not.toMatch(/NaN|undefined|Infinity/);
    expect(
      all("svg")
        .map((svg) => svg.outerHTML)
        .join(""),
    ).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("holds every number of the confusion matrix", () => {
    const table = all("#confusion figure details table")[0]!;
    const rows = Array.from(table.querySelectorAll("tbody tr"), (row) =>
      Array.from(row.querySelectorAll("td"), (cell) => Number(cell.textContent)),
    );
    expect(rows).toEqual(report.test.confusion);
    const cells = report.test.confusion.flat().filter((count) => count > 0);
    expect(all("#confusion svg rect title")).toHaveLength(cells.length);
    expect(all("#confusion .bars li")).toHaveLength(report.data.classes.length);
  });

  it("shows at most 24 mistakes, surest first", () => {
    const wrong = report.test.predictions.filter(({ actual, predicted }) => actual !== predicted);
    const images = all("#mistakes img");
    expect(images).toHaveLength(Math.min(24, wrong.length));
    for (const image of images) expect(image.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
    const surest = wrong.reduce((most, { confidence }) => Math.max(most, confidence), 0);
    const first = wrong.find(({ confidence }) => confidence === surest);
    if (first)
      expect(images[0]!.getAttribute("alt")).toContain(
        `test image ${first.index}: actual ${report.data.classes[first.actual]}, said`,
      );
  });
});

describe("the report", () => {
  it("says MACs and FLOPs each under its own name", async () => {
    const { document } = parseHTML(
      await fitReport({ ...sample, model: { ...sample.model, macs: 2_986_432 } }),
    );
    const tiles = Array.from(document.querySelectorAll(".tiles > div"), (tile) => [
      tile.querySelector("dt")?.textContent,
      tile.querySelector(".number")?.textContent,
    ]);
    expect(tiles).toContainEqual(["MACs per image", "2,986,432"]);
    expect(tiles).toContainEqual(["FLOPs per image", "5,972,864"]);
  });

  it("escapes whatever a class, a file or a command is named", async () => {
    const hostile = [
      `</script><script>alert(1)</script>`,
      `"><img src=x onerror=alert(1)>`,
      "&quot;&amp;",
      "' onload='x",
    ];
    const report = sampleReport({ classes: hostile, testImages: 60 });
    const page = await fitReport({
      ...report,
      command: `sabok fit "<b>" && x`,
      data: { ...report.data, name: hostile[0]!, source: hostile[1]! },
      model: { ...report.model, name: hostile[1]!, folder: "it's <here>" },
      testImages: {
        ...report.testImages,
        files: Array.from({ length: 60 }, (_, i) => `${hostile[1]}/${i}.png`),
      },
    });
    const { document } = parseHTML(page);
    const plain = parseHTML(await fitReport(report)).document;
    expect(document.querySelectorAll("script")).toHaveLength(1);
    expect(document.querySelectorAll("img")).toHaveLength(plain.querySelectorAll("img").length);
    expect(document.querySelectorAll("[onerror], [onload]")).toHaveLength(0);
    expect(
      Array.from(document.querySelectorAll("#confusion .bars .name"), (name) => name.textContent).sort(),
    ).toEqual([...hostile].sort());
    expect(document.querySelector("#use code:not(p code)")?.textContent).toBe(
      String.raw`sabok predict 'it'\''s <here>' photo.png`,
    );
    expect(document.querySelector("#reproduce pre")?.textContent).toBe(`sabok fit "<b>" && x`);
  });

  it("is the same page for the same run", async () => {
    expect(await fitReport(sample)).toBe(await fitReport(sampleReport()));
  });

  it("takes train's and data's own types", () => {
    const epochs: FitReport["history"] = [] as EpochMetrics[];
    const images: (set: ImageSet) => FitReport["testImages"] = (set) => set;
    const test: (evaluation: Evaluation) => FitReport["test"] = (evaluation) => evaluation;
    expect([epochs, images, test]).toHaveLength(3);
  });
});
