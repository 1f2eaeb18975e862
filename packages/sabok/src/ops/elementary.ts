// The elementary functions that no layer of ours needs but imported networks use: one operator, a table of functions.
import { Random, ShapeError, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";
import type { GraphBuilder, OpSpec, Value } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { power } from "./power.ts";
import { anyShapes } from "./shapes.ts";
import { unary } from "./unary.ts";

export const elementaryNames = [
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "truncate",
  "isNaN",
  "isInfinite",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "asinh",
  "acosh",
  "atanh",
  "erf",
  "softplus",
  "softsign",
] as const;
export type ElementaryName = (typeof elementaryNames)[number];
export type ElementaryAttrs = { readonly function: ElementaryName };

interface ElementaryFunction {
  readonly f: (x: number) => number;
  /** The derivative at x as graph; absent where it is 0 wherever it exists. */
  readonly slope?: (g: GraphBuilder, x: Value) => Value;
  /** Where its samples are drawn from; [−2,2] if absent. */
  readonly domain?: readonly [least: number, most: number];
}

const squared = (g: GraphBuilder, x: Value): Value => g.apply(power, [x], { exponent: 2 });
/** (scale·x² + offset)^exponent */
const ofSquare = (g: GraphBuilder, x: Value, scale: number, offset: number, exponent: number): Value =>
  g.apply(power, [g.apply(affine, [squared(g, x)], { scale, offset })], { exponent });
const named = (g: GraphBuilder, x: Value, name: ElementaryName): Value =>
  g.apply(elementary, [x], { function: name });

const functions: Readonly<Record<ElementaryName, ElementaryFunction>> = {
  abs: { f: Math.abs, slope: (g, x) => named(g, x, "sign") },
  sign: { f: Math.sign },
  floor: { f: Math.floor },
  ceil: { f: Math.ceil },
  /** To the nearest whole number, halves to the even one. */
  round: { f: roundHalfToEven },
  /** Towards 0. */
  truncate: { f: Math.trunc },
  isNaN: { f: (x) => (Number.isNaN(x) ? 1 : 0) },
  isInfinite: { f: (x) => (Math.abs(x) === Infinity ? 1 : 0) },
  sin: { f: Math.sin, slope: (g, x) => named(g, x, "cos") },
  cos: { f: Math.cos, slope: (g, x) => g.apply(affine, [named(g, x, "sin")], { scale: -1 }) },
  // tan' = 1/cos²
  tan: {
    f: Math.tan,
    slope: (g, x) => g.apply(power, [named(g, x, "cos")], { exponent: -2 }),
    domain: [-1.2, 1.2],
  },
  asin: { f: Math.asin, slope: (g, x) => ofSquare(g, x, -1, 1, -0.5), domain: [-0.9, 0.9] },
  acos: {
    f: Math.acos,
    slope: (g, x) => g.apply(affine, [ofSquare(g, x, -1, 1, -0.5)], { scale: -1 }),
    domain: [-0.9, 0.9],
  },
  atan: { f: Math.atan, slope: (g, x) => ofSquare(g, x, 1, 1, -1) },
  sinh: { f: Math.sinh, slope: (g, x) => named(g, x, "cosh") },
  cosh: { f: Math.cosh, slope: (g, x) => named(g, x, "sinh") },
  asinh: { f: Math.asinh, slope: (g, x) => ofSquare(g, x, 1, 1, -0.5) },
  acosh: { f: Math.acosh, slope: (g, x) => ofSquare(g, x, 1, -1, -0.5), domain: [1.3, 3] },
  atanh: { f: Math.atanh, slope: (g, x) => ofSquare(g, x, -1, 1, -1), domain: [-0.9, 0.9] },
  // erf' = 2/√π e^(−x²)
  erf: {
    f: erf,
    slope: (g, x) =>
      g.apply(affine, [g.apply(exp, [g.apply(affine, [squared(g, x)], { scale: -1 })])], {
        scale: 2 / Math.sqrt(Math.PI),
      }),
  },
  // ln(1 + eˣ), whose derivative is 1/(1 + e^(−x))
  softplus: {
    f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: (g, x) =>
      g.apply(
        power,
        [g.apply(affine, [g.apply(exp, [g.apply(affine, [x], { scale: -1 })])], { offset: 1 })],
        {
          exponent: -1,
        },
      ),
  },
  // x/(1 + |x|), whose derivative is 1/(1 + |x|)²
  softsign: {
    f: (x) => x / (1 + Math.abs(x)),
    slope: (g, x) => g.apply(power, [g.apply(affine, [named(g, x, "abs")], { offset: 1 })], { exponent: -2 }),
  },
};

export const elementary: OpSpec<"elementary", ElementaryAttrs, 1> = unary<"elementary", ElementaryAttrs>(
  "elementary",
  "y = f(x) for one of the elementary functions, named by an attribute: abs, floor, sin, erf, softplus, ….",
  { function: "abs" },
  (x, attrs) => functions[attrs.function].f(x),
  (g, dy, { inputs: [x], attrs }) => {
    const { slope } = functions[attrs.function];
    return [slope ? g.apply(mul, [dy, slope(g, x)]) : null];
  },
  {
    words: { function: elementaryNames },
    infer([x], attrs, where) {
      if (!Object.hasOwn(functions, attrs.function))
        throw new ShapeError(
          `${where}: function is "${String(attrs.function)}", expected one of ${elementaryNames.join(", ")}.`,
        );
      return x;
    },
    *samples() {
      for (const [i, name] of elementaryNames.entries()) {
        const { domain = [-2, 2] } = functions[name];
        yield { inputs: [within(anyShapes[i % anyShapes.length]!, domain, i)], attrs: { function: name } };
        yield { inputs: [within([2, 3, 2, 3], domain, i + 50)], attrs: { function: name } };
      }
    },
    rejects: [
      {
        inputs: [[2, 3]],
        attrs: { function: "gamma" as ElementaryName },
        error: /function is "gamma", expected one of abs, sign/,
      },
    ],
  },
);

/** Seeded uniform numbers. */
function within(shape: Shape, [least, most]: readonly [number, number], seed: number): Tensor {
  const random = new Random(seed);
  return tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => least + (most - least) * random.uniform()),
  );
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The error function: its power series near 0, a continued fraction for 1 − erf beyond (Abramowitz and Stegun 7.1.5, 7.1.14). */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let [term, total] = [z, z];
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= -(z * z) / n;
      total += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI);
  }
  let tail = z;
  for (let n = 60; n >= 1; n--) tail = z + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (tail * Math.sqrt(Math.PI)));
}
