// ONNX's arithmetic in sabok's: what is elementwise, products of matrices, reductions.
import { sameShape } from "../core/index.ts";
import { attributesOf, isLeaf, shapeOf, type OpSpec, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  biasAdd,
  div,
  exp,
  hardSwish,
  linear,
  log,
  matmul,
  mean,
  mul,
  power,
  silu,
  sub,
  sum,
  transpose,
} from "../ops/index.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

export const importArithmetic: Readonly<Record<string, ImportRule>> = {
  Add(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return shifted(site, site.value(0), right);
    if (left !== undefined) return shifted(site, site.value(1), left);
    return sumOf(site, site.value(0), site.value(1));
  },
  Sum(site) {
    let total = site.value(0);
    for (let position = 1; position < site.operandCount; position++)
      total = sumOf(site, total, site.value(position));
    return total;
  },
  Sub(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return shifted(site, site.value(0), -right);
    if (left !== undefined) return site.apply(affine, [site.value(1)], { scale: -1, offset: left });
    return site.apply(sub, [site.value(0), site.value(1)]);
  },
  Mul(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return site.apply(affine, [site.value(0)], { scale: right });
    if (left !== undefined) return site.apply(affine, [site.value(1)], { scale: left });
    const [a, b] = [site.value(0), site.value(1)];
    return gated(site, a, b) ?? gated(site, b, a) ?? site.apply(mul, [a, b]);
  },
  Div(site) {
    const right = site.scalar(1);
    if (right !== undefined) return site.apply(affine, [site.value(0)], { scale: 1 / right });
    return site.apply(div, [site.value(0), site.value(1)]);
  },
  Neg: (site) => site.apply(affine, [site.value(0)], { scale: -1 }),
  Exp: (site) => site.apply(exp, [site.value(0)]),
  Log: (site) => site.apply(log, [site.value(0)]),
  Sqrt: (site) => site.apply(power, [site.value(0)], { exponent: 0.5 }),
  Reciprocal: (site) => site.apply(power, [site.value(0)], { exponent: -1 }),
  Pow: (site) => site.apply(power, [site.value(0)], { exponent: site.number(1)! }),

  MatMul(site) {
    const [a, b] = [untransposed(site, 0), untransposed(site, 1)];
    if (b.flipped && !a.flipped && shapeOf(b.value).length === 2 && shapeOf(a.value).length > 2)
      return site.apply(linear, [a.value, b.value]);
    return site.apply(matmul, [a.value, b.value], { transposeA: a.flipped, transposeB: b.flipped });
  },
  Gemm(site) {
    const [a, b] = [site.value(0), site.value(1)];
    const [transposeA, transposeB] = [site.int("transA", 0) !== 0, site.int("transB", 0) !== 0];
    const product =
      transposeB && !transposeA && shapeOf(a).length === 2
        ? site.apply(linear, [a, b])
        : site.apply(matmul, [a, b], { transposeA, transposeB });
    const scaled = scaledBy(site, product, site.float("alpha", 1));
    if (!site.has(2)) return scaled;
    const c = scaledBy(site, site.value(2), site.float("beta", 1));
    const perColumn = sameShape(shapeOf(c), shapeOf(product).slice(1));
    return perColumn ? site.apply(biasAdd, [scaled, c]) : site.apply(add, [scaled, c]);
  },
  ReduceSum: (site) => reduced(site, sum),
  ReduceMean: (site) => reduced(site, mean),
};

function scaledBy(site: ImportSite, x: Value, scale: number): Value {
  return scale === 1 ? x : site.apply(affine, [x], { scale });
}

/** x + offset; one affine where x is already a multiple. */
function shifted(site: ImportSite, x: Value, offset: number): Value {
  if (x.op === affine.name) {
    const inner = attributesOf(x, affine);
    if (inner.offset === 0) return site.apply(affine, [x.inputs[0]!], { scale: inner.scale, offset });
  }
  return site.apply(affine, [x], { offset });
}

/** a + b; a bias where b is a vector spread over the channels of a. */
function sumOf(site: ImportSite, a: Value, b: Value): Value {
  const [vector] = b.op === "reshape" ? b.inputs : [];
  const channels = shapeOf(a)[1];
  const column = shapeOf(a).map((_, axis) => (axis === 1 ? channels! : 1));
  const isBias =
    vector && shapeOf(vector).length === 1 && shapeOf(a).length > 1 && sameShape(shapeOf(b), column);
  return isBias ? site.apply(biasAdd, [a, vector]) : site.apply(add, [a, b]);
}

/** x · gate(x) as the one activation it is. */
function gated(site: ImportSite, x: Value, gate: Value): Value | null {
  if (gate.inputs[0] !== x) return null;
  if (gate.op === "sigmoid") return site.apply(silu, [x]);
  return gate.op === "hardSigmoid" ? site.apply(hardSwish, [x]) : null;
}

/** An operand of a matrix product, taken from under a transpose of its last two axes where that is a weight's or of the same scope. */
function untransposed(site: ImportSite, position: number): { value: Value; flipped: boolean } {
  const value = site.value(position);
  const rank = shapeOf(value).length;
  if (value.op !== transpose.name || rank < 2) return { value, flipped: false };
  const x = value.inputs[0]!;
  const flips = attributesOf(value, transpose).permutation.every(
    (from, axis) => from === flippedAxis(axis, rank),
  );
  return flips && (isLeaf(x) || value.name === site.name)
    ? { value: x, flipped: true }
    : { value, flipped: false };
}

function flippedAxis(axis: number, rank: number): number {
  return axis < rank - 2 ? axis : 2 * rank - 3 - axis;
}

function reduced(
  site: ImportSite,
  spec: OpSpec<"sum" | "mean", { readonly axes: readonly number[]; readonly keepDims: boolean }, 1>,
): Value {
  const axes = site.intsOr("axes", 1) ?? [];
  if (axes.length === 0 && site.int("noop_with_empty_axes", 0) !== 0) return site.value(0);
  return site.apply(spec, [site.value(0)], { axes, keepDims: site.int("keepdims", 1) !== 0 });
}
