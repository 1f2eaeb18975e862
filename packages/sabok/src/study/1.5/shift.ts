// The variance shift of dropout before batch norm: its formulas, and its measurement on the engine in training and inference form.
import { tensor, type Random, type Tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { batchNorm, dropout, evaluate, linear, mul, network, type Network } from "../../nn/index.ts";
import { toInference } from "../../passes/index.ts";
import { normalTensor, varianceOf } from "../draw.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";

/** Δ = Var_test/Var_train of a unit with mean c and variance v behind inverted dropout that keeps p. */
export function shiftRatio(c: number, v: number, p: number): number {
  return v / ((c * c + v) / p - c * c);
}

/** The same behind a linear unit of d weights at the angle θ to (1, …, 1), inputs correlated by ρ. */
export function linearShiftRatio(
  c: number,
  v: number,
  p: number,
  rho: number,
  d: number,
  cosine: number,
): number {
  const shared = rho * v * (d * cosine ** 2 - 1);
  return (v + shared) / ((c * c + v) / p - c * c + shared);
}

/** Mean and variance of max(0, z), z standard normal. */
export const rectified = { c: 1 / Math.sqrt(2 * Math.PI), v: 0.5 - 1 / (2 * Math.PI) };

export type Kind = "normal" | "relu";

/** Numbers [count, 1] of mean c and variance v, or rectified standard normal ones. */
export function drawUnits(
  random: Random,
  count: number,
  kind: Kind,
  c: number,
  v: number,
): Tensor & { data: Float64Array } {
  if (kind === "normal") return normalTensor(random, [count, 1], { mean: c, std: Math.sqrt(v) });
  return tensor(
    [count, 1],
    normalTensor(random, [count, 1]).data.map((z) => Math.max(0, z)),
  ) as Tensor & { data: Float64Array };
}

/** Runs the training form once, so that the running statistics are its batch's, then the inference form on fresh data. */
function measured(net: Network, train: Tensor, test: Tensor): Record<string, number> {
  const { states } = interpret(net.graph, { x: train }, net.weights);
  const { outputs } = interpret(toInference(net.graph), { x: test }, new Map([...net.weights, ...states]));
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, varianceOf(data)]));
}

const norm = (x: Value, name: string): Value => batchNorm(x, { momentum: 1, epsilon: 1e-12, name });

/** The variance behind batch norm at inference where dropout stands before it (1 would be no shift). */
export function measuredShift(
  random: Random,
  count: number,
  kind: Kind,
  c: number,
  v: number,
  keep: number,
): number {
  const net = network({ x: [1] }, ({ x }) => ({ y: norm(dropout(x, { rate: 1 - keep }), "norm") }), {
    batch: count,
  });
  return measured(net, drawUnits(random, count, kind, c, v), drawUnits(random, count, kind, c, v))["y"]!;
}

/** BN → dropout → BN: the variance behind each at inference. */
export function measuredOrder(
  random: Random,
  count: number,
  kind: Kind,
  c: number,
  v: number,
  keep: number,
): { first: number; second: number } {
  const net = network(
    { x: [1] },
    ({ x }) => {
      const first = norm(x, "first");
      return { first, second: norm(dropout(first, { rate: 1 - keep }), "second") };
    },
    { batch: count },
  );
  const found = measured(net, drawUnits(random, count, kind, c, v), drawUnits(random, count, kind, c, v));
  return { first: found["first"]!, second: found["second"]! };
}

export interface LinearSetting {
  readonly c: number;
  readonly v: number;
  readonly keep: number;
  readonly rho: number;
  readonly d: number;
}

/** Dropout → linear → BN with weights of mean 1/2 and deviation 1: measured and by the formula. */
export function linearShift(
  random: Random,
  count: number,
  { c, v, keep, rho, d }: LinearSetting,
): { measured: number; formula: number; cosine: number } {
  const weight = Float64Array.from({ length: d }, () => 0.5 + random.normal());
  const sum = weight.reduce((a, b) => a + b, 0);
  const cosine = sum / Math.sqrt(d * weight.reduce((a, b) => a + b * b, 0));
  const net = network(
    { x: [d] },
    ({ x }) => ({
      y: norm(linear(dropout(x, { rate: 1 - keep }), { out: 1, bias: false, name: "linear" }), "norm"),
    }),
    { batch: count },
  );
  const given: Network = {
    graph: net.graph,
    weights: new Map([...net.weights, ["linear.weight", tensor([1, d], weight)]]),
  };
  const draw = (): Tensor => {
    const x = normalTensor(random, [count, d]);
    for (let row = 0; row < count; row++) {
      const shared = random.normal();
      for (let i = 0; i < d; i++)
        x.data[row * d + i] =
          c + Math.sqrt(v) * (Math.sqrt(rho) * shared + Math.sqrt(1 - rho) * x.data[row * d + i]!);
    }
    return x;
  };
  return {
    measured: measured(given, draw(), draw())["y"]!,
    formula: linearShiftRatio(c, v, keep, rho, d, cosine),
    cosine,
  };
}

/** Uniform multiplicative noise x(1 + r), r in ±b, in dropout's place: the variance behind batch norm without it. */
export async function uniformShift(random: Random, count: number, b: number): Promise<number> {
  const x = normalTensor(random, [count, 1]);
  const noise = tensor(
    [count, 1],
    x.data.map(() => 1 + b * (2 * random.uniform() - 1)),
  );
  const y = await evaluate((x, noise) => normalizeBy(x, batchStatistics(mul(x, noise))), [x, noise]);
  return varianceOf(y.data);
}
