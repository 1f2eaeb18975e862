// What the import rules over maps [N,C,H,W] share.
import { formatShape } from "../core/index.ts";
import { shapeOf, type Pair, type Value } from "../graph/index.ts";
import type { ImportSite } from "./importSite.ts";

/** The two spatial axes of a pair. */
export const rowsAndColumns = [0, 1] as const;

/** An operand that must be [N,C,H,W] (or a kernel [O,C,KH,KW]). */
export function mapAt(site: ImportSite, position: number): Value {
  const value = site.value(position);
  const shape = shapeOf(value);
  if (shape.length !== 4)
    site.refuse(
      `operand ${position} has shape ${formatShape(shape)}; sabok imports this operator over 2-D maps, of rank 4`,
    );
  return value;
}

/** [H,W]. */
export function sizeOfMap(value: Value): Pair {
  return shapeOf(value).slice(2) as unknown as Pair;
}
