// Folding, the arrow keys and the window of a receptive field.
import { expect, test } from "vitest";
import type { NodeView } from "../../engine/network/view.ts";
import { drawGraph, foldable, neighbour } from "./drawnGraph.ts";
import { fieldWindow } from "./fieldWindow.ts";

const node = (id: string, block?: string, kind: NodeView["kind"] = "layer"): NodeView => ({
  id,
  kind,
  name: id,
  op: "conv 1x1",
  output: "8×4×4",
  block,
});

// input → stem → b.1 → b.2 → add (with a skip from stem) → output
const view = {
  nodes: [
    node("input", undefined, "input"),
    node("stem"),
    node("b.1", "b"),
    node("b.2", "b"),
    node("b+", "b", "join"),
    node("output", undefined, "output"),
  ],
  edges: [
    ["input", "stem"],
    ["stem", "b.1"],
    ["b.1", "b.2"],
    ["b.2", "b+"],
    ["stem", "b+"],
    ["b+", "output"],
  ] as const,
};

test("a folded block is one node with the edges of its members", () => {
  expect([...foldable(view)]).toEqual(["b"]);
  const { nodes, edges } = drawGraph(view, () => false);
  expect(nodes.map(({ id }) => id)).toEqual(["input", "stem", "block b", "output"]);
  expect(edges).toEqual([
    ["input", "stem"],
    ["stem", "block b"],
    ["block b", "output"],
  ]);
  expect(nodes[2]!.members).toHaveLength(3);
});

test("unfolded, every node stands for itself", () => {
  expect(drawGraph(view, () => true).nodes).toHaveLength(6);
  expect(drawGraph(view, () => true).edges).toHaveLength(6);
});

test("arrows walk along the edges, and across the branches", () => {
  const graph = drawGraph(view, () => true);
  expect(neighbour(graph, "stem", "ArrowDown")).toBe("b.1");
  expect(neighbour(graph, "b.1", "ArrowRight")).toBe("b+");
  expect(neighbour(graph, "b+", "ArrowUp")).toBe("b.2");
  expect(neighbour(graph, "output", "ArrowDown")).toBeUndefined();
});

test("a field begins at its offset, a stride further for each place", () => {
  // Two 3x3 convolutions of stride 2 with padding 1: 7 pixels, jump 4, the first field starts 3 pixels outside.
  const field = { local: [7, 7], stride: [4, 4], offset: [-3, -3] } as const;
  expect(fieldWindow(field, [0, 2], [32, 32])).toEqual({ top: -3, left: 5, width: 7, height: 7 });
  expect(fieldWindow({ local: null, stride: null, offset: null }, [0, 0], [32, 24])).toEqual({
    top: 0,
    left: 0,
    width: 24,
    height: 32,
  });
});
