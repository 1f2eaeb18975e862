import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { codeBlock } from "./codeBlock.ts";
import { figure } from "./figure.ts";
import { html } from "./html.ts";
import { lineLegend, linePlot } from "./linePlot.ts";
import { page } from "./page.ts";
import { loadPlotting } from "./plot.ts";
import { barList, table } from "./table.ts";

describe("page", () => {
  it("is a document of its language with a skip link and anchors", () => {
    const sections = [
      { id: "question", title: "پرسش", body: html`<p>متن</p>` },
      { id: "code", title: "برنامه", body: codeBlock("fa", "برنامه", "a < b") },
    ];
    const { document } = parseHTML(page({ title: "نرمال‌سازی دسته‌ای", lang: "fa", sections }));
    expect(document.documentElement.getAttribute("lang")).toBe("fa");
    expect(document.documentElement.getAttribute("dir")).toBe("rtl");
    expect(document.querySelector("a.skip")?.getAttribute("href")).toBe("#content");
    expect(Array.from(document.querySelectorAll("nav a"), (a) => a.getAttribute("href"))).toEqual([
      "#question",
      "#code",
    ]);
    expect(document.querySelector("code")?.textContent).toBe("a < b");
    expect(document.querySelector("button.copy")?.hasAttribute("hidden")).toBe(true);
  });

  it("can be turned against its language", () => {
    expect(page({ title: "t", lang: "en", dir: "rtl", sections: [] })).toContain(
      `<html lang="en" dir="rtl">`,
    );
  });

  it("refuses section ids that cannot be anchors", () => {
    const section = (id: string) => ({ id, title: id, body: "" });
    expect(() => page({ title: "t", lang: "en", sections: [section("a"), section("a")] })).toThrow(
      /ids repeat: a, a/,
    );
    expect(() => page({ title: "t", lang: "en", sections: [section("a b")] })).toThrow(/section id "a b"/);
    expect(() => page({ title: "t", lang: "en", sections: [section("content")] })).toThrow(
      /section id "content"/,
    );
  });
});

it("draws bars as long as their share, within their cell", () => {
  const { markup } = table({
    caption: "c",
    columns: [
      { title: "name", value: ([name]) => name },
      { title: "n", value: ([, n]) => n, numeric: true, bar: { share: ([, n]) => n / 4, colour: 1 } },
    ],
    rows: [
      ["a", 1],
      ["b", 9],
      ["c", NaN],
    ] as [string, number][],
    total: ["all", 10],
  });
  expect([...markup.matchAll(/--share:([^"]*)"/g)].map(([, share]) => share)).toEqual([
    "25.00%",
    "100.00%",
    "0.00%",
  ]);
  expect(parseHTML(`<body>${markup}</body>`).document.querySelectorAll('th[scope="row"]')).toHaveLength(4);
  expect(barList([{ name: "<b>", share: 0.5, text: "half" }]).markup).toContain("&lt;b&gt;");
});

describe("linePlot", async () => {
  const plotting = await loadPlotting();
  const plot = (points: [number, number][]) =>
    linePlot(plotting, {
      label: `a "b" & <c>`,
      x: { label: "step", whole: true },
      y: { label: "loss (nats)" },
      series: [{ name: "s", points }],
    }).markup;

  it("names itself and its axes", () => {
    const { document } = parseHTML(
      `<body>${plot([
        [1, 2],
        [2, 1],
      ])}</body>`,
    );
    const svg = document.querySelector("svg")!;
    expect(svg.getAttribute("role")).toBe("img");
    expect(svg.getAttribute("aria-label")).toBe(`a "b" & <c>`);
    expect(svg.textContent).toContain("loss (nats)");
    expect(svg.textContent).toContain("step");
    const [opening] = /<svg[^]*?>(?=<)/.exec(plot([[1, 2]]))!;
    expect(opening.match(/ style=/g)).toHaveLength(1);
    expect(svg.querySelectorAll("[aria-label]")).toHaveLength(0);
  });

  it.each<[string, [number, number][]]>([
    ["no point", []],
    ["one point", [[3, 0]]],
    [
      "points that are not finite",
      [
        [1, NaN],
        [2, 5],
        [3, Infinity],
        [4, 6],
      ],
    ],
    [
      "a constant",
      [
        [1, 2],
        [2, 2],
      ],
    ],
    ["ten thousand points", Array.from({ length: 10_000 }, (_, i) => [i, Math.sin(i / 500)])],
  ])("draws %s without NaN", (_, points) => {
    expect(plot(points)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("stands in a figure with its legend and its numbers", () => {
    const { markup } = figure({
      lang: "en",
      picture: html`picture`,
      caption: "caption",
      legend: lineLegend(["training", "validation"]),
      data: "numbers",
    });
    const { document } = parseHTML(`<body>${markup}</body>`);
    expect(document.querySelectorAll("figure > .legend li")).toHaveLength(2);
    expect(document.querySelector("figure > details")?.textContent).toContain("numbers");
  });
});
