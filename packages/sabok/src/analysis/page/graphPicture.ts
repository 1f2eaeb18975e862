// The network drawn as it flows, from the image downwards; dagre places the nodes.
import { html, type Html } from "../../report/index.ts";
import type { LayerGraph, LayerNode } from "./layerGraph.ts";

// Of the widest fonts that a page may get, in pixels.
const characterWidth = 6.6;
const boldWidth = 7.6;
const padding = 10;
const joinSize = 26;

interface Placed extends LayerNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The graph as an SVG image with a text alternative. A long one goes on in further columns. */
export async function graphPicture({ nodes, edges }: LayerGraph, label: string): Promise<Html> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 22, marginx: 8, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, sizeOf(node));
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const placed = nodes.map((node): Placed => {
    const { x, y, width, height } = graph.node(node.id) as {
      x: number;
      y: number;
      width: number;
      height: number;
    };
    return { ...node, x, y, width, height };
  });
  const paths = edges.map(([from, to]) => (graph.edge(from, to) as { points: readonly Point[] }).points);
  const cuts = columnCuts(
    placed,
    paths,
    edges.map(([from]) => from),
  );
  const columnOf = (y: number): number => cuts.filter((cut) => cut < y).length;
  const left = columnLefts(placed, paths, cuts.length + 1, columnOf);
  const moved = (point: Point, column: number): Point => ({
    x: point.x + left.shifts[column]!,
    y: point.y - (column === 0 ? 0 : cuts[column - 1]!),
  });
  const lines = paths.flatMap((points) => {
    const [first, last] = [columnOf(points[0]!.y), columnOf(points.at(-1)!.y)];
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const column = first + i;
      const own = [
        ...(column > first ? [pointAt(points, cuts[column - 1]!)] : []),
        ...points.filter(({ y }) => columnOf(y) === column),
        ...(column < last ? [pointAt(points, cuts[column]!)] : []),
      ];
      return arrow(
        own.map((point) => moved(point, column)),
        { dashed: first !== last, head: column === last },
      );
    });
  });
  const boxes = placed.map((node) => nodeMarkup({ ...node, ...moved(node, columnOf(node.y)) }));
  const bottom = Math.max(...placed.map((node) => moved(node, columnOf(node.y)).y + node.height / 2)) + 24;
  return html`<svg
    class="plot"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${Math.ceil(left.width)} ${Math.ceil(bottom)}"
    style="max-width:${Math.ceil(left.width)}px;min-width:${Math.min(Math.ceil(left.width), 1160)}px"
    font-size="11"
  >
    <defs>
      <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path d="M0 0 8 4 0 8z" fill="var(--muted)" />
      </marker>
    </defs>
    ${lines}${boxes}
  </svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const columnHeight = 1100;

/** Where a path that runs downwards crosses a height. */
function pointAt(points: readonly Point[], y: number): Point {
  const next = points.findIndex((point) => point.y > y);
  const [above, below] = [points[next - 1]!, points[next]!];
  return { x: above.x + ((below.x - above.x) * (y - above.y)) / (below.y - above.y), y };
}

/** Heights at which the picture may be cut, a column each: where no node stands and what passes comes from one node. */
function columnCuts(
  nodes: readonly Placed[],
  paths: readonly (readonly Point[])[],
  sources: readonly string[],
): number[] {
  const feet = nodes.map(({ y, height }) => y + height / 2 + 11).sort((a, b) => a - b);
  const free = feet.filter(
    (y) =>
      nodes.every((node) => Math.abs(node.y - y) > node.height / 2) &&
      new Set(sources.filter((_, i) => paths[i]![0]!.y < y && paths[i]!.at(-1)!.y > y)).size === 1,
  );
  const cuts: number[] = [];
  for (const [i, y] of free.entries()) {
    const next = free[i + 1] ?? feet.at(-1)!;
    if (next - (cuts.at(-1) ?? 0) > columnHeight && feet.at(-1)! - y > columnHeight / 3) cuts.push(y);
  }
  return cuts;
}

/** How far each column is moved so that they stand side by side, and how wide all are together. */
function columnLefts(
  nodes: readonly Placed[],
  paths: readonly (readonly Point[])[],
  columns: number,
  columnOf: (y: number) => number,
): { shifts: number[]; width: number } {
  const shifts: number[] = [];
  let width = 8;
  for (let column = 0; column < columns; column++) {
    const sides = [
      ...nodes
        .filter(({ y }) => columnOf(y) === column)
        .flatMap(({ x, width: own }) => [x - own / 2, x + own / 2]),
      ...paths
        .filter((points) => columnOf(points[0]!.y) === column && columnOf(points.at(-1)!.y) === column)
        .flatMap((points) => points.map(({ x }) => x)),
    ];
    const least = Math.min(...sides);
    shifts.push(width - least);
    width += Math.max(...sides) - least + 40;
  }
  return { shifts, width: width - 32 };
}

function arrow(
  points: readonly Point[],
  { dashed, head }: { readonly dashed: boolean; readonly head: boolean },
): Html {
  return html`<path
    d="${smooth(points)}"
    fill="none"
    stroke="var(--muted)"
    stroke-width="1.2"
    ${head && html` marker-end="url(#arrow)"`}${dashed && html` stroke-dasharray="3 3"`}
  />`;
}

function sizeOf({ kind, title, detail, output }: LayerNode): { width: number; height: number } {
  if (kind === "join")
    return { width: Math.max(joinSize, title.length * characterWidth + 12), height: joinSize };
  const words = Math.max(
    title.length * boldWidth + 20 + output.length * characterWidth,
    detail.length * characterWidth,
  );
  return { width: words + 2 * padding, height: detail === "" ? 24 : 38 };
}

function nodeMarkup({ kind, title, detail, output, share, x, y, width, height }: Placed): Html {
  const [left, top] = [x - width / 2, y - height / 2];
  if (kind === "join")
    return html`<g
      ><title>${detail} ${output}</title
      ><rect
        x="${round(left)}"
        y="${round(top)}"
        width="${round(width)}"
        height="${height}"
        rx="${height / 2}"
        fill="var(--page)"
        stroke="var(--series-2)"
        stroke-width="1.5"
      /><text x="${round(x)}" y="${round(y + 4)}" text-anchor="middle" fill="var(--text)" font-size="13"
        >${title}</text
      ></g
    >`;
  const ends = kind !== "layer";
  // A layer's share of the MACs fills its box from the left.
  return html`<g>
    <title>${title}: ${detail}, ${output}</title>
    <rect
      x="${round(left)}"
      y="${round(top)}"
      width="${round(width)}"
      height="${height}"
      rx="5"
      fill="${ends ? "var(--page)" : "var(--panel)"}"
    />
    ${share > 0 && html`<rect x="${round(left)}" y="${round(top)}" width="${round(Math.max(2, width * Math.min(1, 5 * share)))}" height="${height}" rx="5" fill="var(--bar-1)" />`}
    <rect
      x="${round(left)}"
      y="${round(top)}"
      width="${round(width)}"
      height="${height}"
      rx="5"
      fill="none"
      stroke="${ends ? "var(--accent)" : "var(--line)"}"
    />
    <text x="${round(left + padding)}" y="${round(top + 16)}" fill="var(--text)" font-weight="600"
      >${title}</text
    >
    <text x="${round(left + width - padding)}" y="${round(top + 16)}" text-anchor="end" fill="var(--muted)"
      >${output}</text
    >
    ${detail !== "" && html`<text x="${round(left + padding)}" y="${round(top + 31)}" fill="var(--muted)">${detail}</text>`}
  </g>`;
}

/** A curve through dagre's points: straight ends, rounded corners. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const middle = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1]!;
    return `Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`;
  });
  const last = rest.at(-1)!;
  return `M${round(first!.x)} ${round(first!.y)} ${middle.join(" ")} L${round(last.x)} ${round(last.y)}`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
