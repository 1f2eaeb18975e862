// ONNX's arithmetic in sabok's: what is elementwise, products of matrices, reductions.
import { normalizeAxis, sameShape } from "../core/index.ts";
import { attributesOf, isLeaf, shapeOf, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  biasAdd,
  compare,
  div,
  elementary,
  exp,
  exponentiate,
  hardSwish,
  linear,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  power,
  remainder,
  reshape,
  silu,
  sub,
  transpose,
  type ElementaryName,
} from "../ops/index.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

/** An operand of a matrix product: the value, and whether its last two axes are to be swapped. */
interface Operand {
  readonly value: Value;
  readonly flipped: boolean;
}

/** The operators that are one elementary function. */
const elementaryOperators: Readonly<Record<string, ElementaryName>> = {
  Abs: "abs",
  Sign: "sign",
  Floor: "floor",
  Ceil: "ceil",
  Round: "round",
  Sin: "sin",
  Cos: "cos",
  Tan: "tan",
  Asin: "asin",
  Acos: "acos",
  Atan: "atan",
  Sinh: "sinh",
  Cosh: "cosh",
  Asinh: "asinh",
  Acosh: "acosh",
  Atanh: "atanh",
  Erf: "erf",
  Softplus: "softplus",
  Softsign: "softsign",
};

export const importArithmetic: Readonly<Record<string, ImportRule>> = {
  Add(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return shifted(site, site.value(0), right);
    if (left !== undefined) return shifted(site, site.value(1), left);
    return sumOf(site, site.value(0), second(site));
  },
  Sum(site) {
    let total = site.value(0);
    for (const next of site.values(1)) total = sumOf(site, total, next);
    return total;
  },
  Mean(site) {
    const count = site.operandCount;
    const total = site.chain(add, site.values());
    return count === 1 ? total : site.apply(affine, [total], { scale: 1 / count });
  },
  Sub(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return shifted(site, site.value(0), -right);
    if (left !== undefined) return site.apply(affine, [site.value(1)], { scale: -1, offset: left });
    return site.apply(sub, [site.value(0), second(site)]);
  },
  Mul(site) {
    const [left, right] = [site.scalar(0), site.scalar(1)];
    if (right !== undefined) return site.apply(affine, [site.value(0)], { scale: right });
    if (left !== undefined) return site.apply(affine, [site.value(1)], { scale: left });
    const [a, b] = [site.value(0), second(site)];
    return gated(site, a, b) ?? gated(site, b, a) ?? site.apply(mul, [a, b]);
  },
  Div(site) {
    const right = site.scalar(1);
    const quotient =
      right === undefined || site.isWhole(0)
        ? site.apply(div, [site.value(0), second(site)])
        : site.apply(affine, [site.value(0)], { scale: 1 / right });
    return site.isWhole(0) ? site.apply(elementary, [quotient], { function: "truncate" }) : quotient;
  },
  Mod: (site) =>
    site.apply(remainder, [site.value(0), site.value(1)], { truncated: site.int("fmod", 0) !== 0 }),
  Neg: (site) => site.apply(affine, [site.value(0)], { scale: -1 }),
  Exp: (site) => site.apply(exp, [site.value(0)]),
  Log: (site) => site.apply(log, [site.value(0)]),
  Sqrt: (site) => site.apply(power, [site.value(0)], { exponent: 0.5 }),
  Reciprocal: (site) => site.apply(power, [site.value(0)], { exponent: -1 }),
  Pow(site) {
    const exponent = site.scalar(1);
    const y =
      exponent === undefined
        ? site.apply(exponentiate, [site.value(0), second(site)])
        : site.apply(power, [site.value(0)], { exponent });
    return site.isWhole(0) ? site.apply(elementary, [y], { function: "truncate" }) : y;
  },
  BitShift(site) {
    const bits =
      { uint8: 8, uint16: 16, uint32: 32 }[site.type(0) as string] ??
      site.refuse(`it shifts ${site.type(0)}; sabok shifts unsigned numbers of up to 32 bits`);
    const two = site.constant([], [2]);
    const right = site.choice("direction", "LEFT", "RIGHT") === "RIGHT";
    const places = right ? site.apply(affine, [site.value(1)], { scale: -1 }) : site.value(1);
    const moved = site.apply(mul, [site.value(0), site.apply(exponentiate, [two, places])]);
    if (right) return site.apply(elementary, [moved], { function: "floor" });
    return site.apply(remainder, [moved, site.constant([], [2 ** bits])]);
  },
  Max: (site) => site.chain(maximum, site.values()),
  Min: (site) => site.chain(minimum, site.values()),
  ...Object.fromEntries(
    Object.entries(elementaryOperators).map(([opType, name]): [string, ImportRule] => [
      opType,
      (site) => site.apply(elementary, [site.value(0)], { function: name }),
    ]),
  ),
  IsNaN: (site) => site.typed(site.apply(elementary, [site.value(0)], { function: "isNaN" }), "bool"),
  IsInf(site) {
    const x = site.value(0);
    const [positive, negative] = [site.int("detect_positive", 1) !== 0, site.int("detect_negative", 1) !== 0];
    const isInfinite = site.apply(elementary, [x], { function: "isInfinite" });
    if (positive && negative) return site.typed(isInfinite, "bool");
    const zero = site.constant([], [0]);
    const wanted = positive ? ([zero, x] as const) : ([x, zero] as const);
    const isWanted = site.apply(compare, wanted, { relation: "less" });
    const none = !positive && !negative;
    return site.typed(
      none ? site.apply(affine, [x], { scale: 0 }) : site.apply(mul, [isInfinite, isWanted]),
      "bool",
    );
  },

  MatMul: (site) => product(site, untransposed(site, 0), untransposed(site, 1)),
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
};

/** A product of two operands, each of which may be a vector. */
export function matrixProduct(site: ImportSite, a: Value, b: Value): Value {
  return product(site, { value: a, flipped: false }, { value: b, flipped: false });
}

function product(site: ImportSite, a: Operand, b: Operand): Value {
  const [rankA, rankB] = [shapeOf(a.value).length, shapeOf(b.value).length];
  if (b.flipped && !a.flipped && rankB === 2 && rankA > 2) return site.apply(linear, [a.value, b.value]);
  const row = rankA === 1 ? site.apply(reshape, [a.value], { shape: [1, -1] }) : a.value;
  const column = rankB === 1 ? site.apply(reshape, [b.value], { shape: [-1, 1] }) : b.value;
  const y = site.apply(matmul, [row, column], { transposeA: a.flipped, transposeB: b.flipped });
  if (rankA > 1 && rankB > 1) return y;
  const shape = shapeOf(y);
  const kept = [
    ...shape.slice(0, -2),
    ...(rankA === 1 ? [] : [shape.at(-2)!]),
    ...(rankB === 1 ? [] : [shape.at(-1)!]),
  ];
  return site.apply(reshape, [y], { shape: kept });
}

/** The second operand; in opset 6 its axes may stand from a given one of the first operand's on. */
function second(site: ImportSite): Value {
  const b = site.value(1);
  if (site.opset > 6 || !site.hasAttribute("axis") || site.int("broadcast", 0) === 0) return b;
  const rank = shapeOf(site.value(0)).length;
  const axis = normalizeAxis(site.int("axis", 0), rank, site.where);
  const after = Math.max(rank - axis - shapeOf(b).length, 0);
  return site.apply(reshape, [b], { shape: [...shapeOf(b), ...Array.from({ length: after }, () => 1)] });
}

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
function untransposed(site: ImportSite, position: number): Operand {
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
