// The Network room under quick hands: edits of MobileNetV2, layer after layer of a picture's activations, a graph of over 200
// nodes moved. How long each takes is printed and not judged: docs/lab.md has the figures.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLab, type Lab } from "../../../test/lab.ts";
import { words } from "./words.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

const list = (numbers: readonly number[]): string => numbers.map((one) => one.toFixed(0)).join(", ");

test("every edit of a layer of MobileNetV2 is redrawn", async () => {
  const { page, problems, close } = await lab.open("network?lang=en&layer=block features.4");
  const kernels = page.getByRole("group", { name: words.en.kernel }).getByRole("radio");
  await kernels.first().waitFor();
  await page.getByText(words.en.lintNone).waitFor();
  const milliseconds: number[] = [];
  for (const choice of [1, 2, 0, 1, 2, 0]) {
    const taken = await page.evaluate(async (at) => {
      const group = [...document.querySelectorAll("fieldset")].find((one) =>
        one.innerText.startsWith("Kernel"),
      )!;
      const start = performance.now();
      group.querySelectorAll("input")[at]!.click();
      for (;;) {
        const drawn = performance
          .getEntriesByName("graph-drawn")
          .findLast(({ startTime }) => startTime > start);
        if (drawn) return drawn.startTime - start;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }, choice);
    milliseconds.push(taken);
  }
  console.log(`edit to redrawn graph: ${list(milliseconds)} ms`);
  expect(milliseconds).toHaveLength(6);
  expect(problems).toEqual([]);
  await close();
});

test("a 224² picture's activations through MobileNetV2 follow each click", async () => {
  const { page, problems, close } = await lab.open("network?lang=en&open=all&layer=features.3.conv.1.0");
  await page.locator("[data-milliseconds]").waitFor(); // compiled
  const milliseconds: number[] = [];
  for (const id of ["layer10", "layer20", "layer30", "layer7", "layer40"]) {
    const taken = await page.evaluate(async (layer) => {
      const start = performance.now();
      document
        .querySelector(`g.node[data-id="${layer}"]`)!
        .dispatchEvent(new MouseEvent("click", { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve)); // the new layer's page, without answers yet
      while (!document.querySelector("[data-milliseconds]"))
        await new Promise((resolve) => requestAnimationFrame(resolve));
      return performance.now() - start;
    }, id);
    milliseconds.push(taken);
  }
  const passes = Number(await page.locator("[data-milliseconds]").getAttribute("data-milliseconds"));
  console.log(`click to activations: ${list(milliseconds)} ms, of which the last pass ${passes} ms`);
  expect(passes).toBeGreaterThan(0);
  expect(problems).toEqual([]);
  await close();
});

test("a graph of over 200 nodes moves, near and as a whole", async () => {
  const blocks = "stem_k3_s2_c16_nre ir_r60_k3_s1_e2_c16_nre cn_r1_k1_s1_c64_nre";
  const query = new URLSearchParams({
    lang: "en",
    model: "blocks",
    blocks,
    open: "all",
    size: "64",
  }).toString();
  const { page, problems, close } = await lab.open(`network?${query}`);
  await page.locator("g.node").first().waitFor();
  for (const view of ["near", "whole"]) {
    if (view === "whole") await page.getByRole("button", { name: words.en.zoomFit }).click();
    const { median, slow, nodes } = await page.evaluate(moveGraph);
    console.log(
      `${view}, ${nodes} nodes drawn: median ${median.toFixed(0)} frames/s, slowest tenth ${slow.toFixed(0)}`,
    );
    if (view === "whole") expect(nodes).toBeGreaterThan(200);
    else expect(nodes).toBeGreaterThan(0);
  }
  expect(problems).toEqual([]);
  await close();
});

/** In the page: zooms in and out for 120 frames. */
async function moveGraph(): Promise<{ median: number; slow: number; nodes: number }> {
  const svg = document.querySelector(".graph-frame svg")!;
  const { left, top, width, height } = svg.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
  const gaps: number[] = [];
  let before = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
  for (let frame = 0; frame < 120; frame++) {
    svg.dispatchEvent(new WheelEvent("wheel", { ...at, deltaY: frame % 60 < 30 ? -12 : 12 }));
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    gaps.push(now - before);
    before = now;
  }
  gaps.sort((a, b) => a - b);
  return {
    median: 1000 / gaps[60]!,
    slow: 1000 / gaps[108]!,
    nodes: document.querySelectorAll("g.node").length,
  };
}
