// Where the nodes of the picture stand: dagre places them from top to bottom, then the flow is cut into columns that suit
// the frame, as a newspaper is.

export interface LayoutRequest {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** Of the frame, in pixels. */
  readonly frame: { readonly width: number; readonly height: number };
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres. */
  readonly nodes: Readonly<Record<string, { readonly x: number; readonly y: number }>>;
  /** An SVG path an edge, in the edges' order. */
  readonly paths: readonly string[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What dagre gives. */
export interface Placed {
  readonly nodes: readonly (Point & {
    readonly id: string;
    readonly width: number;
    readonly height: number;
  })[];
  /** Of each edge, from the source's foot to the target's head. */
  readonly lines: readonly (readonly Point[])[];
}

const margin = 20;
const gutter = 44;

/** The columns of a placed graph that let it be drawn largest in the frame. */
export function arrange(placed: Placed, frame: LayoutRequest["frame"]): Layout {
  const bottom = Math.max(0, ...placed.nodes.map(({ y, height }) => y + height / 2));
  const free = freeHeights(placed);
  let best: { layout: Layout; scale: number } | undefined;
  for (let columns = 1; columns <= 12; columns++) {
    const cuts = chooseCuts(free, bottom, columns);
    const layout = intoColumns(placed, cuts);
    const scale = Math.min(frame.width / layout.width, frame.height / layout.height);
    if (!best || scale > best.scale * 1.02) best = { layout, scale };
  }
  return best!.layout;
}

/** Heights where the picture may be cut: no node stands there, and at most one line passes. */
function freeHeights({ nodes, lines }: Placed): number[] {
  const feet = [...new Set(nodes.map(({ y, height }) => y + height / 2 + 8))].sort((a, b) => a - b);
  return feet.filter(
    (cut) =>
      nodes.every(({ y, height }) => Math.abs(y - cut) > height / 2) &&
      lines.filter((line) => line[0]!.y < cut && line.at(-1)!.y > cut).length <= 1,
  );
}

function chooseCuts(free: readonly number[], bottom: number, columns: number): number[] {
  const cuts: number[] = [];
  for (let column = 1; column < columns; column++) {
    const wished = (bottom * column) / columns;
    const least = cuts.at(-1) ?? 0;
    const [nearest] = free
      .filter((cut) => cut > least && cut < bottom - 10)
      .sort((a, b) => Math.abs(a - wished) - Math.abs(b - wished));
    if (nearest !== undefined && nearest > least) cuts.push(nearest);
  }
  return [...new Set(cuts)].sort((a, b) => a - b);
}

function intoColumns({ nodes, lines }: Placed, cuts: readonly number[]): Layout {
  const columnAt = (y: number): number => cuts.filter((cut) => cut < y).length;
  const spans = Array.from({ length: cuts.length + 1 }, () => ({
    left: Infinity,
    right: -Infinity,
    top: Infinity,
    bottom: -Infinity,
  }));
  const widen = (column: number, { x, y }: Point, halfWidth: number, halfHeight: number): void => {
    const span = spans[column]!;
    span.left = Math.min(span.left, x - halfWidth);
    span.right = Math.max(span.right, x + halfWidth);
    span.top = Math.min(span.top, y - halfHeight);
    span.bottom = Math.max(span.bottom, y + halfHeight);
  };
  for (const node of nodes) widen(columnAt(node.y), node, node.width / 2, node.height / 2);
  for (const line of lines)
    if (columnAt(line[0]!.y) === columnAt(line.at(-1)!.y))
      for (const point of line) widen(columnAt(point.y), point, 4, 0);
  let width = margin;
  const shifts = spans.map(({ left, right, top }) => {
    const shift = { x: width - left, y: margin - top };
    width += right - left + gutter;
    return shift;
  });
  const tallest = Math.max(...spans.map(({ top, bottom }) => bottom - top));
  const moved = (point: Point, column: number): Point => ({
    x: point.x + shifts[column]!.x,
    y: point.y + shifts[column]!.y,
  });
  const paths = lines.map((line) => {
    const [first, last] = [columnAt(line[0]!.y), columnAt(line.at(-1)!.y)];
    if (first === last) return curve(line.map((point) => moved(point, first)));
    const [start, end] = [moved(line[0]!, first), moved(line.at(-1)!, last)];
    const aisle = spans[last]!.left + shifts[last]!.x - gutter / 2;
    const [low, high] = [Math.max(start.y, spans[first]!.bottom + shifts[first]!.y) + 12, end.y - 12];
    return corners([
      start,
      { x: start.x, y: low },
      { x: aisle, y: low },
      { x: aisle, y: high },
      { x: end.x, y: high },
      end,
    ]);
  });
  return {
    width: width - gutter + margin,
    height: tallest + 2 * margin,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, rounded(moved(node, columnAt(node.y)))])),
    paths,
  };
}

function rounded({ x, y }: Point): Point {
  return { x: round(x), y: round(y) };
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

/** A smooth line through dagre's points. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points.map(rounded);
  if (rest.length < 2) return `M${first!.x} ${first!.y}L${rest.at(-1)!.x} ${rest.at(-1)!.y}`;
  const bends = rest.slice(0, -1).map((point, at) => {
    const next = at + 2 < rest.length ? rest[at + 1]! : rest.at(-1)!;
    const to = at + 2 < rest.length ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : next;
    return `Q${point.x} ${point.y} ${round(to.x)} ${round(to.y)}`;
  });
  return `M${first!.x} ${first!.y}${bends.join("")}`;
}

/** A line with right angles, their corners rounded. */
function corners(points: readonly Point[]): string {
  let path = `M${round(points[0]!.x)} ${round(points[0]!.y)}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [before, corner, after] = [points[at - 1]!, points[at]!, points[at + 1]!];
    const towards = (to: Point): Point => {
      const distance = Math.hypot(to.x - corner.x, to.y - corner.y);
      const share = distance === 0 ? 0 : Math.min(8, distance / 2) / distance;
      return rounded({ x: corner.x + (to.x - corner.x) * share, y: corner.y + (to.y - corner.y) * share });
    };
    const [enter, leave] = [towards(before), towards(after)];
    path += `L${enter.x} ${enter.y}Q${round(corner.x)} ${round(corner.y)} ${leave.x} ${leave.y}`;
  }
  return `${path}L${round(points.at(-1)!.x)} ${round(points.at(-1)!.y)}`;
}
