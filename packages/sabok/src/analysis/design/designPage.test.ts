import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { design, type DesignHooks } from "./design.ts";
import { designPage } from "./designPage.ts";
import type { DesignOptions } from "./problem.ts";

async function pageOf(options: DesignOptions, hooks: DesignHooks = {}) {
  const markup = await designPage(await design(options, hooks), {
    version: "1.2.3",
    command: "sabok design",
  });
  expect(markup).not.toMatch(/undefined|NaN|\[object/);
  const { document } = parseHTML(markup);
  const text = (selector: string): string =>
    document.querySelector(selector)!.textContent.replaceAll(/\s+/g, " ");
  return { document, text, sections: [...document.querySelectorAll("section")].map(({ id }) => id) };
}

test("the page begins with why the question is ill-posed and ends with the question", async () => {
  const { document, text, sections } = await pageOf({});
  expect(sections).toEqual([
    "degenerate",
    "answer",
    "stack",
    "depths",
    "optimality",
    "frontier",
    "code",
    "question",
  ]);
  expect(text("h1")).toBe("The cheapest stack that sees more than 50 % of each edge");
  expect(text("#degenerate")).toMatch(/2x2 d3141x13x3 d15362x2/);
  expect(text("#answer")).toContain("3,780");
  expect(text("#answer")).toContain("lower bound 3,780, optimum 3,780 MACs");
  expect(text("#depths")).toContain("No kernel is big enough");
  expect(text("#code code")).toContain("layer(x, { out: 1, kernel: 3, dilation: 8 })");
  expect(document.querySelector("#frontier svg[role=img]")!.getAttribute("aria-label")).toContain(
    "from 3 to 25",
  );
  expect(document.querySelectorAll("#frontier details tbody tr").length).toBe(13);
});

test("strides, padding and channels", async () => {
  const { text } = await pageOf({
    input: [40, 60],
    strides: [1, 2],
    channels: [3, 16, 32, 64],
    cost: "same",
    measure: "area",
  });
  expect(text("#stack")).toContain("3 → 16");
  expect(text("#frontier figcaption")).toContain("staircase");
});

test("an infeasible question has its reason and the frontier", async () => {
  const { text, sections } = await pageOf({ input: [48, 32], threshold: 0.7 });
  expect(sections).toEqual(["degenerate", "answer", "depths", "frontier", "question"]);
  expect(text("#answer")).toMatch(/There is no such stack.*ratio of its edges/);
  const none = await pageOf({ minOutput: 40 });
  expect(none.text("#frontier")).toContain("No stack keeps the rules");
});

test("a stopped search says what it has proved", async () => {
  const huge: DesignOptions = {
    input: [128, 128],
    layers: [4, 4],
    maxDilation: 32,
    strides: [1, 2],
    minOutput: 1,
    kernels: [2, 3, 4, 5],
  };
  const { text } = await pageOf(huge, { mostStates: 1000 });
  expect(text("#answer")).toMatch(
    /is proved.*Stopped: .* lower bound [\d,]+, best so far [\d,]+ MACs, .* above it/,
  );
  expect(text("#depths")).toContain("the cheapest found, not the optima");
});
