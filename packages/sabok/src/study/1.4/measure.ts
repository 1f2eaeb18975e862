// The noise of batch statistics, measured on the engine's operators. A trial is a channel, so one run holds all of them.
import { tensor, type Random, type Tensor } from "../../core/index.ts";
import { affine, dropout, evaluate, mul, reshape, sub, sum } from "../../nn/index.ts";
import { dot, meanOf, normalTensor, varianceOf } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";

/** Normal numbers [m, trials], the first rows set to the same given numbers in every trial. */
function batches(random: Random, m: number, trials: number, fixed: readonly number[] = []): Tensor {
  const x = normalTensor(random, [m, trials]);
  fixed.forEach((value, row) => x.data.fill(value, row * trials, (row + 1) * trials));
  return x;
}

const row = ({ data }: Tensor, index: number, trials: number): ArrayLike<number> =>
  data.subarray(index * trials, (index + 1) * trials);

export interface StatisticNoise {
  readonly meanVariance: number;
  readonly expectedVariance: number;
  readonly varianceVariance: number;
}

/** Over trials: Var μ_B, E σ_B², Var σ_B² of m standard normal numbers. */
export async function statisticNoise(random: Random, m: number, trials: number): Promise<StatisticNoise> {
  const { mean, variance } = await evaluate((x) => ({ ...batchStatistics(x) }), [batches(random, m, trials)]);
  return {
    meanVariance: varianceOf(mean.data),
    expectedVariance: meanOf(variance.data),
    varianceVariance: varianceOf(variance.data),
  };
}

/** Var μ_B of maps of one row whose neighbours have correlation ρ: an autoregression along the row. */
export async function correlatedNoise(
  random: Random,
  rows: number,
  width: number,
  rho: number,
  trials: number,
): Promise<number> {
  const x = normalTensor(random, [rows, trials, 1, width]);
  const fresh = Math.sqrt(1 - rho * rho);
  for (let i = 0; i < x.data.length; i++)
    if (i % width > 0) x.data[i] = rho * x.data[i - 1]! + fresh * x.data[i]!;
  return varianceOf((await evaluate((x) => batchStatistics(x).mean, [x])).data);
}

/** m times the variances and the covariance of x̂ of two fixed samples when the other m − 2 are redrawn. */
export async function conditionalNoise(
  random: Random,
  m: number,
  trials: number,
  z: readonly [number, number],
) {
  const x = batches(random, m, trials, z);
  const y = await evaluate((x) => normalizeBy(x, batchStatistics(x)), [x]);
  const [a, b] = [row(y, 0, trials), row(y, 1, trials)];
  const covariance = dot(a, b) / trials - meanOf(a) * meanOf(b);
  const variances = [varianceOf(a), varianceOf(b)];
  return {
    variance: m * variances[0]!,
    covariance: m * covariance,
    correlation: covariance / Math.sqrt(variances[0]! * variances[1]!),
  };
}

/** m times the variance of x̂ of one fixed sample z when the other m − 1 are redrawn. */
export async function sampleNoise(random: Random, m: number, trials: number, z: number): Promise<number> {
  const y = await evaluate((x) => normalizeBy(x, batchStatistics(x)), [batches(random, m, trials, [z])]);
  return m * varianceOf(row(y, 0, trials));
}

/** dL/dh of one fixed sample (h, t) under L = Σ½(x̂ − t)², the others redrawn: mean, standard deviation·√m, frozen statistics. */
export async function gradientNoise(random: Random, m: number, trials: number, h: number, t: number) {
  const [x, target] = [batches(random, m, trials, [h]), batches(random, m, trials, [t])];
  const { own, frozen } = await evaluate(
    (x, target, zero, one) => {
      const gradient = (statistics: Parameters<typeof normalizeBy>[1]) => {
        const error = sub(normalizeBy(x, statistics), target);
        return gradientsOf(affine(sum(mul(error, error)), { scale: 0.5 }), [x])[0]!;
      };
      return { own: gradient(batchStatistics(x)), frozen: gradient({ mean: zero, variance: one }) };
    },
    [
      x,
      target,
      tensor([trials], new Float64Array(trials)),
      tensor([trials], new Float64Array(trials).fill(1)),
    ],
  );
  const values = row(own, 0, trials);
  return {
    mean: meanOf(values),
    scaledDeviation: Math.sqrt(m * varianceOf(values)),
    frozen: row(frozen, 0, trials)[0]!,
  };
}

/** The γ that minimises E(z − γx̂)² where x̂ is z normalised by ghost batches of `ghost` samples. */
export async function bestScaleMeasured(
  random: Random,
  m: number,
  trials: number,
  ghost = m,
): Promise<number> {
  const z = batches(random, m, trials);
  const y = await evaluate(
    (x) => {
      const groups = reshape(x, [ghost, (m / ghost) * trials]);
      return normalizeBy(groups, batchStatistics(groups));
    },
    [z],
  );
  return dot(z.data, y.data) / dot(y.data, y.data);
}

/** The same with dropout that keeps a share p instead of batch norm. */
export async function bestDropoutScale(random: Random, count: number, keep: number): Promise<number> {
  const z = normalTensor(random, [count]);
  const y = await evaluate((x) => dropout(x, { rate: 1 - keep }), [z]);
  return dot(z.data, y.data) / dot(y.data, y.data);
}
