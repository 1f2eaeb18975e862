// What every value of a graph sees of the image: followed from the image forwards, exactly, on an unbounded image.
import { SabokError, formatShape, normalizeAxis } from "../../core/index.ts";
import { isLeaf, shapeOf, type Graph, type Value } from "../../graph/index.ts";
import { toInference } from "../../passes/index.ts";
import { longestPeriod, ownPixel, repeated, setAt, strideOf, through, type AxisField } from "./axisField.ts";
import { edgeOf, type Edge, type SpatialAxes } from "./edges.ts";
import { includes } from "./offsets.ts";
import { greatestDivisor } from "./taps.ts";

/** A product of what is seen down and across the image; "all": every pixel along that axis. */
export type Term = readonly [vertical: AxisField | "all", horizontal: AxisField | "all"];

/** What a value sees: the union of its terms. */
export interface Seen {
  readonly axes: SpatialAxes;
  readonly terms: readonly Term[];
  /** For each operand that depends on the image, how its places are read. */
  readonly edges: ReadonlyMap<number, Edge>;
  /** Why it could not be followed, where that is so. */
  readonly unknown?: string;
}

/** Branches that are joined although their fields do not lie on one another. */
export interface Misalignment {
  readonly node: string;
  readonly op: string;
  /** "centre": the fields' centres differ by `by` input pixels. "stride": their strides differ by `by`, so they drift apart. */
  readonly kind: "centre" | "stride";
  readonly axis: "vertical" | "horizontal";
  readonly by: number;
}

export interface Fields {
  /** The inference form: batch statistics would see the whole batch. */
  readonly graph: Graph;
  readonly image: Value;
  /** Every value that depends on the image. */
  readonly seen: ReadonlyMap<Value, Seen>;
  readonly misaligned: readonly Misalignment[];
}

const axisNames = ["vertical", "horizontal"] as const;

/**
 * Follows the image input (the first of rank 4, or the one named) through the inference form of a graph.
 * Throws SabokError where there is no such input.
 */
export function fieldsOf(graph: Graph, { input }: { readonly input?: string } = {}): Fields {
  const inference = toInference(graph);
  const image = imageOf(inference, input);
  const seen = new Map<Value, Seen>([
    [image, { axes: [2, 3], terms: [[ownPixel, ownPixel]], edges: new Map() }],
  ]);
  const misaligned: Misalignment[] = [];
  for (const value of inference.values) {
    if (isLeaf(value) || !value.inputs.some((operand) => seen.has(operand))) continue;
    seen.set(value, follow(value, seen, misaligned));
  }
  return { graph: inference, image, seen, misaligned };
}

/** The terms that see a bounded part of the image: what is left when gates over the whole map are set aside. */
export function localTerms({ terms }: Seen): [AxisField, AxisField][] {
  return terms.filter((term): term is [AxisField, AxisField] => term[0] !== "all" && term[1] !== "all");
}

function imageOf(graph: Graph, name: string | undefined): Value {
  const inputs = Object.values(graph.inputs);
  const image = name === undefined ? inputs.find((value) => shapeOf(value).length === 4) : graph.inputs[name];
  if (!image || shapeOf(image).length !== 4)
    throw new SabokError(
      `A receptive field needs an input [N,C,H,W]; the inputs are ${inputs.map((value) => `${value.name} ${formatShape(shapeOf(value))}`).join(", ")}.`,
    );
  return image;
}

function follow(value: Value, seen: ReadonlyMap<Value, Seen>, misaligned: Misalignment[]): Seen {
  const edges = new Map<number, Edge>();
  const branches: Term[][] = [];
  const axes: [number, number] = [-1, -1];
  let unknown: string | undefined;
  for (const [i, operand] of value.inputs.entries()) {
    const source = seen.get(operand);
    if (!source) continue;
    unknown ??= source.unknown;
    const edge = edgeOf(value, i, source.axes);
    edges.set(i, edge);
    for (const k of [0, 1] as const) if (edge[k] !== "all") axes[k] = Math.max(axes[k], edge[k].axis);
    branches.push(
      source.terms.map((term): Term => {
        const along = (k: 0 | 1): AxisField | "all" => {
          const [field, how] = [term[k], edge[k]];
          if (field === "all" || how === "all" || how.taps === "all") return "all";
          const next = through(field, how.taps);
          if (!next)
            unknown ??= `the pattern in which ${value.op} "${value.name}" reads its map repeats only after more than ${longestPeriod} pixels`;
          return next ?? field;
        };
        return [along(0), along(1)];
      }),
    );
  }
  if (unknown !== undefined) return { axes, terms: [], edges, unknown };
  if (branches.length > 1 && !joinsPlaces(value, axes)) compareBranches(value, branches, misaligned);
  const terms = commonPattern(
    branches.flat(),
    axes.map((axis) => shapeOf(value)[axis] ?? 1),
  );
  return terms
    ? { axes, terms: withoutContained(terms), edges }
    : {
        axes,
        terms: [],
        edges,
        unknown: `the strides of the branches of "${value.name}" have no short common pattern`,
      };
}

/** Whether a concatenation sets its operands side by side in the image: then they are not meant to lie on one another. */
function joinsPlaces(value: Value, axes: SpatialAxes): boolean {
  return (
    value.op === "concat" &&
    axes.includes(normalizeAxis(value.attrs["axis"] as number, shapeOf(value).length, "concat"))
  );
}

function compareBranches(value: Value, branches: readonly Term[][], misaligned: Misalignment[]): void {
  for (const k of [0, 1] as const) {
    const fields = branches.flatMap((terms) => {
      const local = terms
        .filter((term) => term[0] !== "all" && term[1] !== "all")
        .map((term) => term[k] as AxisField);
      return local.length > 0 ? [local] : [];
    });
    if (fields.length < 2) continue;
    const report = (kind: Misalignment["kind"], numbers: readonly number[]): boolean => {
      const by = Math.max(...numbers) - Math.min(...numbers);
      if (by > 1e-9) misaligned.push({ node: value.name, op: value.op, kind, axis: axisNames[k], by });
      return by > 1e-9;
    };
    if (
      !report(
        "stride",
        fields.map((local) => strideOf(local[0]!)),
      )
    )
      report("centre", fields.map(centre));
  }
}

/** The middle of what the first pattern of positions sees, the positions' own distances taken off. */
function centre(fields: readonly AxisField[]): number {
  const middles = fields.flatMap((field) =>
    field.sets.flatMap((set, p) =>
      set.length === 0 ? [] : [set.low + (set.length - 1) / 2 - p * strideOf(field)],
    ),
  );
  return middles.reduce((sum, middle) => sum + middle, 0) / Math.max(1, middles.length);
}

/**
 * The terms with one period and step an axis. Where strides differ the field is written out place by place, over the
 * `lengths` places there are. Undefined where the pattern gets too long.
 */
function commonPattern(terms: readonly Term[], lengths: readonly number[]): Term[] | undefined {
  const patterns = ([0, 1] as const).map((k) => {
    const fields = terms.flatMap((term) => (term[k] === "all" ? [] : [term[k]]));
    const period = fields.reduce(
      (all, field) => (all * field.period) / greatestDivisor(all, field.period),
      1,
    );
    const stride = Math.max(0, ...fields.map(strideOf));
    const regular = fields.every((field) => Math.abs(strideOf(field) - stride) < 1e-12);
    return { regular, stride, period: regular ? period : lengths[k]! };
  });
  if (patterns.some(({ period }) => period > longestPeriod)) return undefined;
  return terms.map((term): Term => {
    const along = (k: 0 | 1): AxisField | "all" => {
      const field = term[k];
      const { regular, period, stride } = patterns[k]!;
      if (field === "all" || (regular && field.period === period)) return field;
      if (regular) return repeated(field, period);
      return {
        period,
        step: Math.ceil(stride * period),
        sets: Array.from({ length: period }, (_, p) => setAt(field, p)),
      };
    };
    return [along(0), along(1)];
  });
}

/** Without the terms that another one includes; those that see all and those that do not are kept apart. */
function withoutContained(terms: readonly Term[]): Term[] {
  const kept: Term[] = [];
  for (const term of terms) {
    if (kept.some((other) => contains(other, term))) continue;
    kept.splice(0, kept.length, ...kept.filter((other) => !contains(term, other)), term);
  }
  return kept;
}

function contains(a: Term, b: Term): boolean {
  return ([0, 1] as const).every((k) => {
    const [outer, inner] = [a[k], b[k]];
    if (outer === "all" || inner === "all") return outer === inner;
    return outer === inner || inner.sets.every((set, p) => includes(outer.sets[p]!, set));
  });
}
