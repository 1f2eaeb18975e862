// One weight, one input and given running statistics: the closed forms of scaling by α at inference beside the engine's operators.
import { tensor, type Tensor } from "../../core/index.ts";
import { add, conv2d, evaluate } from "../../nn/index.ts";
import type { Table } from "../chapter.ts";
import { normalizeBy } from "../normalizing.ts";

export interface OneNumber {
  readonly y: number;
  readonly yWeights: number;
  readonly yWeightsFormula: number;
  readonly yWeightsAndBias: number;
  readonly yWeightsAndBiasFormula: number;
  readonly yInput: number;
  readonly yStatisticsMoved: number;
}

/** One weight, one input, given running statistics, ε = 0: the formulas against the engine's operators. */
export async function oneNumber(v: {
  alpha: number;
  weight: number;
  input: number;
  bias: number;
  mean: number;
  std: number;
  gamma: number;
  beta: number;
}): Promise<OneNumber> {
  const one = (value: number): Tensor => tensor([1], [value]);
  const at = async (
    weight: number,
    input: number,
    bias: number,
    mean: number,
    std: number,
  ): Promise<number> => {
    const y = await evaluate(
      (x, w, b, mean, variance, scale, offset) =>
        normalizeBy(add(conv2d(x, w), b), { mean, variance }, { scale, offset }),
      [
        tensor([1, 1, 1, 1], [input]),
        tensor([1, 1, 1, 1], [weight]),
        tensor([1, 1, 1, 1], [bias]),
        one(mean),
        one(std ** 2),
        one(v.gamma),
        one(v.beta),
      ],
    );
    return y.data[0]!;
  };
  const { alpha, weight, input, bias, mean, std, gamma, beta } = v;
  const y = await at(weight, input, bias, mean, std);
  return {
    y,
    yWeights: await at(alpha * weight, input, bias, mean, std),
    yWeightsFormula: beta + alpha * (y - beta) + (gamma * (alpha - 1) * (mean - bias)) / std,
    yWeightsAndBias: await at(alpha * weight, input, alpha * bias, mean, std),
    yWeightsAndBiasFormula: beta + alpha * (y - beta) + (gamma * (alpha - 1) * mean) / std,
    yInput: await at(weight, alpha * input, bias, mean, std),
    // For α = 0 any ε > 0 gives β, and ε = 0 nothing.
    yStatisticsMoved:
      alpha === 0 ? beta : await at(alpha * weight, input, alpha * bias, alpha * mean, Math.abs(alpha) * std),
  };
}

export function oneNumberTable(one: OneNumber): Table {
  return {
    title: {
      en: "One number at inference, running statistics frozen",
      fa: "یک عدد در استنتاج، با آماره‌های جاری ثابت",
    },
    columns: [
      { en: "what is multiplied by α", fa: "آنچه در α ضرب می‌شود" },
      { en: "output y", fa: "خروجی y" },
      { en: "by the formula", fa: "از فرمول" },
    ],
    rows: [
      [{ en: "nothing", fa: "هیچ" }, one.y, one.y],
      [{ en: "the weight", fa: "وزن" }, one.yWeights, one.yWeightsFormula],
      [{ en: "weight and bias", fa: "وزن و بایاس" }, one.yWeightsAndBias, one.yWeightsAndBiasFormula],
      [{ en: "the input", fa: "ورودی" }, one.yInput, one.yWeightsFormula],
      [{ en: "weight, bias, μ and σ", fa: "وزن، بایاس، μ و σ" }, one.yStatisticsMoved, "–"],
    ],
  };
}
