// ONNX's reductions, and what looks for the largest.
import { normalizeAxis } from "../core/index.ts";
import { shapeOf, type OpSpec, type Value } from "../graph/index.ts";
import {
  affine,
  add,
  argMax,
  elementary,
  exp,
  gatherElements,
  log,
  mean,
  power,
  product,
  reduceMax,
  reshape,
  sub,
  sum,
  topKIndices,
} from "../ops/index.ts";
import { alongAxis } from "./importMap.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

type ReductionAttrs = { readonly axes: readonly number[]; readonly keepDims: boolean };
type Reduction = OpSpec<"sum" | "mean" | "reduceMax" | "product", ReductionAttrs, 1>;

export const importReductions: Readonly<Record<string, ImportRule>> = {
  ReduceSum: (site) => reduced(site, sum),
  ReduceMean: (site) => reduced(site, mean),
  ReduceMax: (site) => reduced(site, reduceMax),
  ReduceProd: (site) => reduced(site, product),
  ReduceMin: (site) =>
    negative(
      site,
      reduced(site, reduceMax, (x) => negative(site, x)),
    ),
  ReduceL1: (site) => reduced(site, sum, (x) => site.apply(elementary, [x], { function: "abs" })),
  ReduceL2: (site) => site.apply(power, [reduced(site, sum, (x) => squared(site, x))], { exponent: 0.5 }),
  ReduceSumSquare: (site) => reduced(site, sum, (x) => squared(site, x)),
  ReduceLogSum: (site) => site.apply(log, [reduced(site, sum)]),
  ReduceLogSumExp(site) {
    // ln Σ exp x = m + ln Σ exp(x − m)
    const attrs = attributesOf(site);
    const x = site.value(0);
    if (!attrs) return x;
    const most = site.apply(reduceMax, [x], { ...attrs, keepDims: true });
    const total = site.apply(log, [site.apply(sum, [site.apply(exp, [site.apply(sub, [x, most])])], attrs)]);
    return site.apply(add, [total, site.apply(reshape, [most], { shape: shapeOf(total) })]);
  },

  ArgMax: (site) => site.typed(extremeIndex(site, site.value(0)), "int64"),
  ArgMin: (site) => site.typed(extremeIndex(site, negative(site, site.value(0))), "int64"),
  TopK(site) {
    const x = site.value(0);
    const k = site.opset < 10 ? site.int("k", 1) : (site.number(1) ?? site.refuse("it has no k"));
    const axis = site.int("axis", -1);
    const indices = site.apply(topKIndices, [x], { axis, k, largest: site.int("largest", 1) !== 0 });
    return [site.apply(gatherElements, [x, indices], { axis }), site.typed(indices, "int64")];
  },
  CumSum(site) {
    const x = site.value(0);
    const axis = normalizeAxis(
      site.number(1) ?? site.refuse("it has no axis"),
      shapeOf(x).length,
      site.where,
    );
    const [exclusive, reverse] = [site.int("exclusive", 0) !== 0, site.int("reverse", 0) !== 0];
    const counts = (from: number, to: number): boolean =>
      (reverse ? from > to : from < to) || (!exclusive && from === to);
    return alongAxis(site, x, axis, shapeOf(x)[axis]!, (from, to) => (counts(from, to) ? 1 : 0));
  },
};

/** The attributes of a reduction; undefined where it does nothing. */
function attributesOf(site: ImportSite): ReductionAttrs | undefined {
  const axes = site.intsOr("axes", 1) ?? [];
  if (axes.length === 0 && site.int("noop_with_empty_axes", 0) !== 0) return undefined;
  return { axes, keepDims: site.int("keepdims", 1) !== 0 };
}

function reduced(site: ImportSite, spec: Reduction, before = (x: Value): Value => x): Value {
  const attrs = attributesOf(site);
  const x = before(site.value(0));
  return attrs ? site.apply(spec, [x], attrs) : x;
}

function negative(site: ImportSite, x: Value): Value {
  return site.apply(affine, [x], { scale: -1 });
}

function squared(site: ImportSite, x: Value): Value {
  return site.apply(power, [x], { exponent: 2 });
}

function extremeIndex(site: ImportSite, x: Value): Value {
  return site.apply(argMax, [x], {
    axis: site.int("axis", 0),
    keepDims: site.int("keepdims", 1) !== 0,
    last: site.int("select_last_index", 0) !== 0,
  });
}
