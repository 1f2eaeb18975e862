// The newspaper layout: nothing lost, nothing overlapping, larger in a wide frame than one column would be.
import { expect, test } from "vitest";
import { layoutNetwork } from "../jobs/layoutNetwork.ts";
import { arrange, type LayoutRequest } from "./columns.ts";

const chain = (count: number): Pick<LayoutRequest, "nodes" | "edges"> => ({
  nodes: Array.from({ length: count }, (_, at) => ({ id: `${at}`, width: 200, height: 50 })),
  edges: Array.from({ length: count - 1 }, (_, at) => [`${at}`, `${at + 1}`] as const),
});

const context = {
  signal: new AbortController().signal,
  progress() {},
  transfer() {},
  breathe: () => Promise.resolve(),
};

test("a chain of 24 fills a wide frame in columns, in order from the top left", () => {
  const { nodes, edges } = chain(24);
  const layout = layoutNetwork({ nodes, edges, frame: { width: 1200, height: 700 } }, context);
  const places = nodes.map(({ id }) => layout.nodes[id]!);
  const lefts = [...new Set(places.map(({ x }) => x))];
  expect(lefts.length).toBeGreaterThanOrEqual(3);
  expect(lefts).toEqual([...lefts].sort((a, b) => a - b));
  expect(layout.width / layout.height).toBeGreaterThan(1);
  expect(layout.paths).toHaveLength(23);
});

test("no two nodes overlap and none leaves the picture, with skips around blocks", () => {
  const { nodes, edges } = chain(40);
  const skips = Array.from({ length: 9 }, (_, at) => [`${4 * at}`, `${4 * at + 3}`] as const);
  const layout = layoutNetwork(
    { nodes, edges: [...edges, ...skips], frame: { width: 900, height: 900 } },
    context,
  );
  const boxes = nodes.map(({ id, width, height }) => ({ ...layout.nodes[id]!, width, height }));
  for (const [at, a] of boxes.entries()) {
    expect(a.x - 100).toBeGreaterThanOrEqual(0);
    expect(a.x + 100).toBeLessThanOrEqual(layout.width);
    expect(a.y + 25).toBeLessThanOrEqual(layout.height);
    for (const b of boxes.slice(at + 1))
      expect(Math.abs(a.x - b.x) >= 200 || Math.abs(a.y - b.y) >= 50).toBe(true);
  }
});

test("a cut never separates two lines that run side by side", () => {
  const node = (id: string, x: number, y: number) => ({ id, x, y, width: 40, height: 20 });
  const layout = arrange(
    {
      nodes: [node("a", 0, 0), node("b", -60, 100), node("c", 60, 100), node("d", 0, 200)],
      lines: [
        [
          { x: 0, y: 10 },
          { x: -60, y: 90 },
        ],
        [
          { x: 0, y: 10 },
          { x: 60, y: 90 },
        ],
        [
          { x: -60, y: 110 },
          { x: 0, y: 190 },
        ],
        [
          { x: 60, y: 110 },
          { x: 0, y: 190 },
        ],
      ],
    },
    { width: 2000, height: 100 },
  );
  expect(layout.height).toBe(260); // one column: 220 and two margins
});
