// The residual designs of the chapter as one block each, on vectors: x [B,n] and square weights, batch norm by the batch's
// statistics or by given ones. What theory says of each at random initialisation stands beside it.
import { GraphBuilder, type Value } from "../../graph/index.ts";
import { add as addOp, linear as linearOp, relu as reluOp } from "../../ops/index.ts";
import { batchStatistics, normalizeBy, type Statistics } from "../normalizing.ts";
import type { Text } from "../chapter.ts";

export type DesignName = "plain" | "pre1" | "pre2" | "branch" | "original" | "after";

export interface Design {
  readonly name: DesignName;
  readonly label: Text;
  /** The block as a formula. */
  readonly tex: string;
  /** How many weight matrices a block has. */
  readonly weights: 1 | 2;
  block(x: Value, weights: readonly Value[], norm: (x: Value) => Value): Value;
  /** E x² after L blocks and ‖g₀‖²/‖g_L‖² for infinite width and batch; undefined where there is no closed form. */
  secondMoment(depth: number): number | undefined;
  gradientRatio(depth: number): number | undefined;
}

/** The factor of E‖g‖² through ReLU and batch norm: π/(π − 1). */
export const q = Math.PI / (Math.PI - 1);

const g = new GraphBuilder();
const relu = (x: Value): Value => g.apply(reluOp, [x]);
const add = (a: Value, b: Value): Value => g.apply(addOp, [a, b]);
const times = (w: Value | undefined, x: Value): Value => g.apply(linearOp, [x, w!]);

/** Π over blocks of 1 + factor/v_l, v_l = 1 + growth·l. */
function product(depth: number, factor: number, growth: number): number {
  let result = 1;
  for (let l = 0; l < depth; l++) result *= 1 + factor / (1 + growth * l);
  return result;
}

export const designs: readonly Design[] = [
  {
    name: "plain",
    label: { en: "plain: W, BN, ReLU", fa: "بدون اتصال میان‌بر" },
    tex: String.raw`\operatorname{ReLU}(\mathrm{BN}(Wx))`,
    weights: 1,
    block: (x, [w], norm) => relu(norm(times(w, x))),
    secondMoment: () => 0.5,
    gradientRatio: (depth) => q ** depth,
  },
  {
    name: "pre1",
    label: { en: "pre-activation, one layer", fa: "پیش‌فعال‌سازی، یک لایه" },
    tex: String.raw`x+W\operatorname{ReLU}(\mathrm{BN}(x))`,
    weights: 1,
    block: (x, [w], norm) => add(x, times(w, relu(norm(x)))),
    secondMoment: (depth) => 1 + depth,
    gradientRatio: (depth) => product(depth, 1, 1 - 1 / Math.PI),
  },
  {
    name: "pre2",
    label: { en: "pre-activation (He 2016)", fa: "پیش‌فعال‌سازی (He ۲۰۱۶)" },
    tex: String.raw`x+W_2\operatorname{ReLU}(\mathrm{BN}(W_1\operatorname{ReLU}(\mathrm{BN}(x))))`,
    weights: 2,
    block: (x, [w1, w2], norm) => add(x, times(w2, relu(norm(times(w1, relu(norm(x))))))),
    secondMoment: (depth) => 1 + depth,
    gradientRatio: (depth) => product(depth, q, 1 - 1 / Math.PI),
  },
  {
    name: "branch",
    label: { en: "BN last in the branch, no ReLU after", fa: "BN در پایان شاخه، بدون ReLU پس از جمع" },
    tex: String.raw`x+\mathrm{BN}(W_2\operatorname{ReLU}(\mathrm{BN}(W_1x)))`,
    weights: 2,
    block: (x, [w1, w2], norm) => add(x, norm(times(w2, relu(norm(times(w1, x)))))),
    secondMoment: (depth) => 1 + depth,
    gradientRatio: (depth) => product(depth, q, 1),
  },
  {
    name: "original",
    label: { en: "post-activation (He 2015)", fa: "پس‌فعال‌سازی (He ۲۰۱۵)" },
    tex: String.raw`\operatorname{ReLU}(x+\mathrm{BN}(W_2\operatorname{ReLU}(\mathrm{BN}(W_1x))))`,
    weights: 2,
    block: (x, [w1, w2], norm) => relu(add(x, norm(times(w2, relu(norm(times(w1, x))))))),
    secondMoment: () => undefined,
    gradientRatio: () => undefined,
  },
  {
    name: "after",
    label: { en: "BN after the addition", fa: "BN پس از جمع" },
    tex: String.raw`\operatorname{ReLU}(\mathrm{BN}(x+W_2\operatorname{ReLU}(\mathrm{BN}(W_1x))))`,
    weights: 2,
    block: (x, [w1, w2], norm) => relu(norm(add(x, times(w2, relu(norm(times(w1, x))))))),
    secondMoment: () => undefined,
    gradientRatio: () => undefined,
  },
];

/** The block with the batch's own statistics, which are handed back in order, or with the given ones. */
export function blockWith(
  design: Design,
  x: Value,
  weights: readonly Value[],
  given?: readonly Statistics[],
): { y: Value; used: Statistics[] } {
  const used: Statistics[] = [];
  const norm = (value: Value): Value => {
    const statistics = given?.[used.length] ?? batchStatistics(value);
    used.push(statistics);
    return normalizeBy(value, statistics, { epsilon: 1e-5 });
  };
  return { y: design.block(x, weights, norm), used };
}
