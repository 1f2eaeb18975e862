// Inside `evaluate`: batch norm by its operators, where a chapter hands it the statistics or wants to look at them.
import { GraphBuilder, shapeOf, type Value } from "../graph/index.ts";
import { batchMean, batchNorm, batchVariance } from "../ops/index.ts";

export interface Statistics {
  /** [C]. */
  readonly mean: Value;
  /** [C], biased where it is a batch's. */
  readonly variance: Value;
}

/** The mean and the biased variance of each channel of x [N,C,…]. */
export function batchStatistics(x: Value): Statistics {
  const g = new GraphBuilder();
  return { mean: g.apply(batchMean, [x]), variance: g.apply(batchVariance, [x]) };
}

/** γ(x − μ)/√(σ² + ε) + β with the given statistics; γ is 1 and β is 0 where they are not given. */
export function normalizeBy(
  x: Value,
  { mean, variance }: Statistics,
  {
    epsilon = 0,
    scale,
    offset,
  }: { readonly epsilon?: number; readonly scale?: Value; readonly offset?: Value } = {},
): Value {
  const g = new GraphBuilder();
  const channels = shapeOf(mean)[0]!;
  const vector = (value: number): Value =>
    g.constant({ shape: [channels], data: new Float64Array(channels).fill(value) });
  return g.apply(batchNorm, [x, scale ?? vector(1), offset ?? vector(0), mean, variance], { epsilon });
}
