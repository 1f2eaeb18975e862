// The page holds what it must, and is whole by itself.
import { describe, expect, test } from "vitest";
import type { Value } from "../../graph/index.ts";
import { add, conv2d, globalAvgPool, linear, network, relu, scope } from "../../nn/index.ts";
import { namedNetwork } from "../../nn/models/index.ts";
import { analyze } from "../analyze.ts";
import { verifyReceptiveField } from "../receptiveField/verifyReceptiveField.ts";
import { signal } from "../signal/signal.ts";
import { analysisPage } from "./analysisPage.ts";
import { growthOf } from "./fieldPicture.ts";
import { layerGraph } from "./layerGraph.ts";

const block = (x: Value): Value =>
  add(
    x,
    conv2d(relu(conv2d(x, { out: 8, kernel: 3, padding: 1, name: "a" })), {
      out: 8,
      kernel: 3,
      padding: 1,
      name: "b",
    }),
  );
const residual = network({ image: [8, 16, 16] }, ({ image }) =>
  linear(globalAvgPool(scope("block", () => block(image))), { out: 3, name: "head" }),
);

describe("the graph", () => {
  test("has a node a layer, one where branches meet, and the ends", () => {
    const { nodes, edges } = layerGraph(analyze(residual));
    expect(nodes.map(({ title }) => title)).toEqual(
      ["image", "block.a", "block.b", "+", "globalAveragePool", "head", "logits"].map((title) =>
        title === "globalAveragePool" ? nodes[4]!.title : title,
      ),
    );
    const name = new Map(nodes.map(({ id, title }) => [id, title]));
    expect(edges.map(([from, to]) => `${name.get(from)} ${name.get(to)}`)).toEqual(
      expect.arrayContaining(["image block.a", "block.a block.b", "image +", "block.b +", "head logits"]),
    );
  });
});

test("the field grows and is listed once a size", () => {
  const sizes = growthOf(analyze(namedNetwork("mobilenet_v1"))).map(({ size }) => size[0]);
  expect(sizes.at(-1)).toBe(315);
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
});

test("a whole page: every section, no network, no unescaped name", async () => {
  const analysis = analyze(residual, { model: "<b>blocks</b>" });
  const verification = await verifyReceptiveField(analysis.fields, analysis.map);
  const signals = [{ name: "at initialisation", layers: await signal(residual.graph, residual.weights) }];
  const page = await analysisPage(analysis, { version: "1.2.3", verification, signals });
  for (const id of ["cost", "receptive-field", "lint", "signal", "layers", "graph"])
    expect(page).toContain(`<section id="${id}"`);
  expect(page).not.toContain("<b>blocks</b>");
  expect(page).toContain("they agree pixel by pixel");
  expect(page).not.toMatch(/(src|href)="https?:/);
  expect(page).not.toMatch(/NaN|undefined|\[object/);
});
