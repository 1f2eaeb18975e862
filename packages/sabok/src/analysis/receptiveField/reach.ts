// Which input pixels one output reads in the graph as it is: followed backwards, every map clipped at its border.
import { SabokError } from "../../core/index.ts";
import { reachable, shapeOf, type Value } from "../../graph/index.ts";
import type { Fields } from "./fields.ts";
import { everyBit, forEachBit } from "./offsets.ts";
import type { AxisEdge } from "./edges.ts";

/** Rows and columns as bits; the pixels are all their pairs. "all" where the value no longer has the axis. */
type Block = readonly [vertical: bigint | "all", horizontal: bigint | "all"];

export interface Reach {
  /** Whether an input pixel is read. */
  has(row: number, column: number): boolean;
  /** The first and last row and column that are read: [top, left, bottom, right]. */
  readonly box: readonly [number, number, number, number];
  /** Whether no map on the way ended before the window did: then the output sees its whole receptive field. */
  readonly interior: boolean;
}

/** What the output at a place [p, q] of a value's map reads of the image. */
export function reachOf(fields: Fields, value: Value, place: readonly [number, number]): Reach {
  const { seen, image } = fields;
  const wanted = new Map<Value, Block[]>([[value, [[1n << BigInt(place[0]), 1n << BigInt(place[1])]]]]);
  let interior = true;
  for (const current of reachable([value]).reverse()) {
    const blocks = wanted.get(current);
    const own = seen.get(current);
    if (!blocks || !own || current === image) continue;
    for (const [i, edge] of own.edges) {
      const operand = current.inputs[i]!;
      const { axes } = seen.get(operand)!;
      const moved = blocks.map((block): Block => {
        const along = (k: 0 | 1): bigint | "all" => {
          if (axes[k] < 0) return "all";
          const { positions, inside } = readThrough(block[k], edge[k], shapeOf(operand)[axes[k]]!);
          interior &&= inside;
          return positions;
        };
        return [along(0), along(1)];
      });
      const joined = [
        ...(wanted.get(operand) ?? []),
        ...moved.filter((block) => block[0] !== 0n && block[1] !== 0n),
      ];
      wanted.set(operand, withoutContained(joined));
    }
  }
  const [, , height, width] = shapeOf(image) as [number, number, number, number];
  const found = (wanted.get(image) ?? []).map(
    ([rows, columns]) => [full(rows, height), full(columns, width)] as const,
  );
  if (found.length === 0)
    throw new SabokError(
      `The output at (${place.join(", ")}) of "${value.name}" reads no pixel of the input.`,
    );
  const [rows, columns] = ([0, 1] as const).map((k) =>
    ends(found.reduce((all, block) => all | block[k], 0n)),
  ) as [Ends, Ends];
  return {
    interior,
    box: [rows.first, columns.first, rows.last, columns.last],
    has: (row, column) =>
      found.some(
        (block) => ((block[0] >> BigInt(row)) & 1n) === 1n && ((block[1] >> BigInt(column)) & 1n) === 1n,
      ),
  };
}

/**
 * The place nearest to the middle of a value's map, at most `farthest` rows and columns from it, whose output sees its whole
 * field; undefined where there is none.
 */
export function interiorPlace(
  fields: Fields,
  value: Value,
  farthest = Infinity,
): [number, number] | undefined {
  const { axes } = fields.seen.get(value)!;
  // Rows and columns are read independently of one another, so each axis is searched by itself.
  const [height, width] = axes.map((axis) => shapeOf(value)[axis] ?? 1) as [number, number];
  const middle: [number, number] = [Math.floor(height / 2), Math.floor(width / 2)];
  for (let distance = 0; distance <= Math.min(farthest, Math.max(height, width) / 2); distance++)
    for (const sign of distance === 0 ? [1] : [-1, 1]) {
      const place: [number, number] = [
        clamp(middle[0] + sign * distance, height),
        clamp(middle[1] + sign * distance, width),
      ];
      if (reachOf(fields, value, place).interior) return place;
    }
  return undefined;
}

function clamp(position: number, length: number): number {
  return Math.max(0, Math.min(length - 1, position));
}

function readThrough(
  positions: bigint | "all",
  edge: AxisEdge,
  length: number,
): { positions: bigint; inside: boolean } {
  if (edge === "all" || edge.taps === "all" || positions === "all")
    return { positions: everyBit(length), inside: true };
  const { period, step, reads, clamps } = edge.taps;
  let [read, inside] = [0n, true];
  forEachBit(positions, (p) => {
    const base = step * Math.floor(p / period);
    for (const offset of reads[p % period]!) {
      const at = base + offset;
      if (at >= 0 && at < length) read |= 1n << BigInt(at);
      else {
        inside = false;
        if (clamps) read |= 1n << BigInt(clamp(at, length));
      }
    }
  });
  return { positions: read, inside };
}

function withoutContained(blocks: readonly Block[]): Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    if (kept.some((other) => contains(other, block))) continue;
    kept.splice(0, kept.length, ...kept.filter((other) => !contains(block, other)), block);
  }
  return kept;
}

function contains(a: Block, b: Block): boolean {
  return ([0, 1] as const).every((k) => {
    const [outer, inner] = [a[k], b[k]];
    return outer === "all" || (inner !== "all" && (outer & inner) === inner);
  });
}

function full(positions: bigint | "all", length: number): bigint {
  return positions === "all" ? everyBit(length) : positions;
}

interface Ends {
  readonly first: number;
  readonly last: number;
}

function ends(bits: bigint): Ends {
  const digits = bits.toString(2);
  return { first: digits.length - 1 - digits.lastIndexOf("1"), last: digits.length - 1 };
}
