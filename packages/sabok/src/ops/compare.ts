// Elementwise comparison: 1 where it holds, 0 where it does not.
import { ShapeError, broadcastShapes, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { noMacs } from "./shapes.ts";

const relations = {
  equal: (a: number, b: number) => a === b,
  notEqual: (a: number, b: number) => a !== b,
  less: (a: number, b: number) => a < b,
  lessOrEqual: (a: number, b: number) => a <= b,
} as const;

export type Relation = keyof typeof relations;
export type CompareAttrs = { readonly relation: Relation };

const names = Object.keys(relations) as readonly Relation[];

export const compare: OpSpec<"compare", CompareAttrs, 2> = {
  name: "compare",
  doc: "y = 1 where a and b stand in the relation (equal, notEqual, less, lessOrEqual), 0 elsewhere, with broadcasting.",
  inputs: ["a", "b"],
  defaults: { relation: "equal" },
  words: { relation: names },
  infer([a, b], { relation }, where) {
    if (!Object.hasOwn(relations, relation))
      throw new ShapeError(
        `${where}: relation is "${String(relation)}", expected one of ${names.join(", ")}.`,
      );
    return { shape: broadcastShapes(a.shape, b.shape, where), dtype: a.dtype };
  },
  reference([a, b], { relation }) {
    const holds = relations[relation];
    const y = zeros(broadcastShapes(a.shape, b.shape, "compare"));
    const fromA = broadcastPositions(a.shape, y.shape);
    const fromB = broadcastPositions(b.shape, y.shape);
    for (let i = 0; i < y.data.length; i++) y.data[i] = holds(a.data[fromA[i]!]!, b.data[fromB[i]!]!) ? 1 : 0;
    return y;
  },
  // A step: its derivative is 0 wherever it exists.
  grad: () => [null, null],
  macs: noMacs,
  *samples() {
    for (const [i, [a, b]] of broadcastSamples.entries())
      yield { inputs: [a, b], attrs: { relation: names[i % names.length]! } };
  },
  rejects: [
    { inputs: [[2, 3], [4]], error: /do not broadcast/ },
    {
      inputs: [[2], [2]],
      attrs: { relation: "greater" as Relation },
      error: /relation is "greater", expected one of equal/,
    },
  ],
};
