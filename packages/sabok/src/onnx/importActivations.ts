// ONNX's activations in sabok's.
import { normalizeAxis, sizeOf } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  argMax,
  compare,
  elementary,
  exp,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  maximum,
  minimum,
  mul,
  power,
  relu,
  relu6,
  reshape,
  select,
  sigmoid,
  silu,
  softmax,
  sub,
  tanh,
} from "../ops/index.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

export const importActivations: Readonly<Record<string, ImportRule>> = {
  Relu: (site) => site.apply(relu, [site.value(0)]),
  LeakyRelu: (site) => site.apply(leakyRelu, [site.value(0)], { slope: site.float("alpha", 0.01) }),
  Sigmoid: (site) => site.apply(sigmoid, [site.value(0)]),
  Tanh: (site) => site.apply(tanh, [site.value(0)]),
  HardSwish: (site) => site.apply(hardSwish, [site.value(0)]),
  HardSigmoid(site) {
    const [alpha, beta] = [site.float("alpha", 0.2), site.float("beta", 0.5)];
    if (Math.fround(alpha) === Math.fround(1 / 6) && beta === 0.5)
      return site.apply(hardSigmoid, [site.value(0)]);
    // hardSigmoid(z) = clip(z/6 + 1/2, 0, 1)
    return site.apply(hardSigmoid, [
      site.apply(affine, [site.value(0)], { scale: 6 * alpha, offset: 6 * beta - 3 }),
    ]);
  },
  Clip(site) {
    const x = site.value(0);
    const least = site.hasAttribute("min") ? site.float("min", 0) : site.scalar(1);
    const most = site.hasAttribute("max") ? site.float("max", 0) : site.scalar(2);
    const isPlain = (least !== undefined || !site.has(1)) && (most !== undefined || !site.has(2));
    if (isPlain && !site.isWhole(0)) {
      const clipped = clip(site, x, least ?? -Infinity, most ?? Infinity);
      if (clipped) return clipped;
    }
    const bounds = [least, most].map((bound, i) =>
      bound === undefined ? (site.has(i + 1) ? site.value(i + 1) : undefined) : site.constant([], [bound]),
    );
    const raised = bounds[0] ? site.apply(maximum, [x, bounds[0]]) : x;
    return bounds[1] ? site.apply(minimum, [raised, bounds[1]]) : raised;
  },
  Softmax: (site) => alongAxis(site, softmax),
  LogSoftmax: (site) => alongAxis(site, logSoftmax),
  Hardmax(site) {
    const x = site.value(0);
    const rank = shapeOf(x).length;
    if (site.opset < 13 && rank > 2) return site.refuse("before opset 13 it takes matrices only here");
    const axis = normalizeAxis(site.int("axis", site.opset < 13 ? 1 : -1), rank, site.where);
    const length = shapeOf(x)[axis]!;
    const first = site.apply(argMax, [x], { axis, keepDims: true });
    const places = site.constant(
      shapeOf(x).map((_, i) => (i === axis ? length : 1)),
      Array.from({ length }, (_, i) => i),
    );
    return site.apply(compare, [first, places]);
  },

  PRelu(site) {
    const x = site.value(0);
    const raised = site.apply(relu, [x]);
    // In opset 6 a vector of slopes is one a channel.
    const isPerChannel = site.opset < 7 && shapeOf(site.value(1)).length === 1 && shapeOf(x).length > 2;
    const column = [
      -1,
      ...shapeOf(x)
        .slice(2)
        .map(() => 1),
    ];
    const slope = isPerChannel ? site.apply(reshape, [site.value(1)], { shape: column }) : site.value(1);
    // max(x, 0) + slope·min(x, 0)
    return site.apply(add, [raised, site.apply(mul, [negativePart(site, x, raised), slope])]);
  },
  Elu: (site) => exponentialUnit(site, site.float("alpha", 1), 1, 1),
  Celu(site) {
    const alpha = site.float("alpha", 1);
    return exponentialUnit(site, alpha, alpha, 1);
  },
  Selu: (site) =>
    exponentialUnit(
      site,
      site.float("alpha", 1.67326319217681884765625),
      1,
      site.float("gamma", 1.05070102214813232421875),
    ),
  ThresholdedRelu(site) {
    const x = site.value(0);
    const isAbove = site.apply(compare, [site.constant([], [site.float("alpha", 1)]), x], {
      relation: "less",
    });
    return site.apply(mul, [x, isAbove]);
  },
  // x + bias below −lambda, x − bias above lambda, 0 between
  Shrink(site) {
    const x = site.value(0);
    const [bias, lambda] = [site.float("bias", 0), site.float("lambd", 0.5)];
    const [low, high] = [site.constant([], [-lambda]), site.constant([], [lambda])];
    const below = site.apply(compare, [x, low], { relation: "less" });
    const above = site.apply(compare, [high, x], { relation: "less" });
    const zero = site.constant([], [0]);
    const rest = site.apply(select, [above, site.apply(affine, [x], { offset: -bias }), zero]);
    return site.apply(select, [below, site.apply(affine, [x], { offset: bias }), rest]);
  },
  Mish(site) {
    const x = site.value(0);
    return site.apply(mul, [x, site.apply(tanh, [site.apply(elementary, [x], { function: "softplus" })])]);
  },
  Swish(site) {
    const [x, alpha] = [site.value(0), site.float("alpha", 1)];
    if (alpha === 1) return site.apply(silu, [x]);
    return site.apply(mul, [x, site.apply(sigmoid, [site.apply(affine, [x], { scale: alpha })])]);
  },
  Gelu(site) {
    const x = site.value(0);
    const gate =
      site.choice("approximate", "none", "tanh") === "none"
        ? site.apply(elementary, [site.apply(affine, [x], { scale: Math.SQRT1_2 })], { function: "erf" })
        : site.apply(tanh, [
            site.apply(
              affine,
              [
                site.apply(add, [
                  x,
                  site.apply(affine, [site.apply(power, [x], { exponent: 3 })], { scale: 0.044715 }),
                ]),
              ],
              { scale: Math.sqrt(2 / Math.PI) },
            ),
          ]);
    return site.apply(mul, [x, site.apply(affine, [gate], { scale: 0.5, offset: 0.5 })]);
  },
};

/** min(x, 0), given max(x, 0). */
function negativePart(site: ImportSite, x: Value, raised: Value): Value {
  return site.apply(sub, [x, raised]);
}

/** gamma · (max(x, 0) + alpha·(exp(min(x, 0)/width) − 1)) */
function exponentialUnit(site: ImportSite, alpha: number, width: number, gamma: number): Value {
  const x = site.value(0);
  const raised = site.apply(relu, [x]);
  const below = negativePart(site, x, raised);
  const scaled = width === 1 ? below : site.apply(affine, [below], { scale: 1 / width });
  const curve = site.apply(affine, [site.apply(exp, [scaled])], {
    scale: alpha * gamma,
    offset: -alpha * gamma,
  });
  return site.apply(add, [gamma === 1 ? raised : site.apply(affine, [raised], { scale: gamma }), curve]);
}

/** x held between two numbers, made of relu and relu6; null where they are no interval. */
function clip(site: ImportSite, x: Value, least: number, most: number): Value | null {
  // Older exports write the ends of float32 for "none".
  const [open, closed] = [least <= -3.4e38, most >= 3.4e38];
  if (open && closed) return x;
  const moved = (value: Value, scale: number, offset: number): Value =>
    scale === 1 && offset === 0 ? value : site.apply(affine, [value], { scale, offset });
  if (closed) return moved(site.apply(relu, [moved(x, 1, -least)]), 1, least);
  if (open) return moved(site.apply(relu, [moved(x, -1, most)]), -1, most);
  if (!(least < most)) return null;
  const unit = (most - least) / 6;
  return moved(site.apply(relu6, [moved(x, 1 / unit, -least / unit)]), unit, least);
}

function alongAxis(site: ImportSite, spec: typeof softmax | typeof logSoftmax): Value {
  const x = site.value(0);
  const shape = shapeOf(x);
  if (site.opset >= 13) return site.apply(spec as typeof softmax, [x], { axis: site.int("axis", -1) });
  // Before opset 13 the operator is that of a matrix: the axes from `axis` on are its rows' one axis.
  const axis = normalizeAxis(site.int("axis", 1), shape.length, site.where);
  if (sizeOf(shape.slice(axis + 1)) === 1) return site.apply(spec as typeof softmax, [x], { axis });
  const rows = site.apply(reshape, [x], { shape: [sizeOf(shape.slice(0, axis)), -1] });
  return site.apply(reshape, [site.apply(spec as typeof softmax, [rows], { axis: 1 })], { shape });
}
