// What the colour of a node says: six steps of cost, receptive field or signal.
import type { LayerSignal } from "sabok/analysis";
import type { DrawnNode } from "./drawnGraph.ts";

export type Coloring = "cost" | "field" | "signal";

/** Steps 0 (least) to 5. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5;

export interface Scale {
  /** The step of a node; undefined: it has no such number. */
  level(node: DrawnNode): Level | undefined;
  /** The number of a node, as the scale reads it. */
  value(node: DrawnNode): number | undefined;
  /** The least number of each step. */
  readonly bounds: readonly number[];
}

const fieldBounds = [0, 0.1, 0.25, 0.5, 0.75, 1];
const signalBounds = [0, 0.1, 0.3, 1, 3, 10];

/** The scale of a picture. `signals` are those of the layers, by name. */
export function scaleOf(
  coloring: Coloring,
  nodes: readonly DrawnNode[],
  input: readonly number[],
  signals: ReadonlyMap<string, LayerSignal> | undefined,
): Scale {
  if (coloring === "cost") {
    const most = Math.max(0.001, ...nodes.map(({ share }) => share));
    const bounds = [0, 0.1, 0.25, 0.45, 0.65, 0.85].map((part) => part * most);
    return stepped(bounds, (node) =>
      node.kind === "layer" || node.kind === "block" ? node.share : undefined,
    );
  }
  if (coloring === "field") {
    const side = Math.sqrt(input[1]! * input[2]!);
    return stepped(fieldBounds, ({ field, kind }) => {
      if (!field || kind === "join") return undefined;
      // Gates over the whole map set aside, as every layer behind the first one would be alike.
      return field.local ? Math.min(1, Math.sqrt(field.local[0] * field.local[1]) / side) : 1;
    });
  }
  return stepped(signalBounds, ({ members }) => {
    const found = members.findLast(({ name }) => signals?.has(name));
    return found && Math.sqrt(signals!.get(found.name)!.meanSquare);
  });
}

function stepped(bounds: readonly number[], value: (node: DrawnNode) => number | undefined): Scale {
  return {
    bounds,
    value,
    level(node) {
      const number = value(node);
      if (number === undefined) return undefined;
      return Math.max(
        0,
        bounds.findLastIndex((bound) => number >= bound),
      ) as Level;
    },
  };
}
