// What the import rules over maps [N,C,H,W], and along one axis of any value, share.
import { formatShape, sizeOf } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import { gather, matmul, reshape, transpose } from "../ops/index.ts";
import type { ImportSite } from "./importSite.ts";

/** The two spatial axes of a pair. */
export const rowsAndColumns = [0, 1] as const;

/** An operand that must be [N,C,H,W] (or a kernel [O,C,KH,KW]). A line [N,C,L] is a map of one row: [N,C,1,L]. */
export function mapAt(site: ImportSite, position: number): Value {
  return asMap(site, site.value(position));
}

/** A value of rank 3 or 4 as a map. */
export function asMap(site: ImportSite, value: Value): Value {
  const shape = shapeOf(value);
  if (shape.length === 3) return site.apply(reshape, [value], { shape: [-1, shape[1]!, 1, shape[2]!] });
  if (shape.length !== 4)
    site.refuse(
      `it works on a value of shape ${formatShape(shape)}; sabok imports this operator over lines and maps, of rank 3 and 4`,
    );
  return value;
}

/** A map of one row as the line it came from, where the first operand is a line. */
export function asGiven(site: ImportSite, y: Value): Value {
  if (shapeOf(site.value(0)).length !== 3) return y;
  const [, channels, , length] = shapeOf(y);
  return site.apply(reshape, [y], { shape: [-1, channels!, length!] });
}

/** The elements of x at the given indices of one axis. */
export function pickAlong(site: ImportSite, x: Value, axis: number, indices: readonly number[]): Value {
  if (indices.length === shapeOf(x)[axis] && indices.every((index, i) => index === i)) return x;
  return site.apply(gather, [x, site.constant([indices.length], indices)], { axis });
}

/** A linear map along one axis: y[…, to, …] = Σ weight(from, to)·x[…, from, …]. */
export function alongAxis(
  site: ImportSite,
  x: Value,
  axis: number,
  outLength: number,
  weight: (from: number, to: number) => number,
): Value {
  const shape = shapeOf(x);
  const length = shape[axis]!;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  site.expectFeasible(length * outLength);
  const entries = Float64Array.from({ length: length * outLength }, (_, i) =>
    weight(Math.floor(i / outLength), i % outLength),
  );
  const matrix = site.constant([length, outLength], entries);
  if (shape.length === 1) {
    const row = site.apply(reshape, [x], { shape: [1, length] });
    return site.apply(reshape, [site.apply(matmul, [row, matrix])], { shape: [outLength] });
  }
  if (after.length === 0) return site.apply(matmul, [x, matrix]);
  if (sizeOf(after) === 1 || axis === shape.length - 1) {
    const rows = site.apply(reshape, [x], { shape: [-1, length] });
    const lead = before.length === 0 ? [] : [-1, ...before.slice(1)];
    return site.apply(reshape, [site.apply(matmul, [rows, matrix])], {
      shape: [...lead, outLength, ...after],
    });
  }
  const toEnd = [...shape.keys()].filter((i) => i !== axis).concat(axis);
  const back = [...shape.keys()].map((i) => toEnd.indexOf(i));
  const moved = site.apply(transpose, [x], { permutation: toEnd });
  return site.apply(transpose, [site.apply(matmul, [moved, matrix])], { permutation: back });
}
