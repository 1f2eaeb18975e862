// Jacobians through many blocks of random weights of a given norm: how a gradient fares on its way down.
import { Random, tensor, type Tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { evaluate } from "../../nn/index.ts";
import { identity } from "../4.1/convolution1d.ts";
import { dot, normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { block, repeated, type ActivationName, type Skip } from "./blocks.ts";

export type WeightKind = "orthogonal" | "gaussian";

export interface DepthSetting {
  readonly blocks: number;
  readonly width: number;
  /** ‖W‖ of every weight matrix: exactly for orthogonal ones; gaussian ones have entries of variance ε²/width. */
  readonly epsilon: number;
  readonly weights: WeightKind;
  readonly seed: number;
}

export interface DepthRun {
  /** ∂a^{2B}/∂a^{2b} for b = B−1 … 0: the Jacobian through 1, 2, …, B blocks from the top. */
  readonly jacobians: readonly Tensor[];
  /** ‖·‖_F/√n of each: what a random cotangent is multiplied by, in the root mean square. */
  readonly gains: readonly number[];
}

/** The weights of all blocks, two a block, and the point the network is looked at. */
export interface DrawnNetwork {
  readonly a: Tensor;
  readonly weights: readonly (readonly [Tensor, Tensor])[];
}

export function drawNetwork({ blocks, width, epsilon, weights, seed }: DepthSetting): DrawnNetwork {
  const random = new Random(seed);
  const draw = (): Tensor =>
    weights === "orthogonal"
      ? scaled(randomOrthogonal(random, width), epsilon)
      : normalTensor(random, [width, width], { std: epsilon / Math.sqrt(width) });
  const a = normalTensor(random, [width]);
  return { a, weights: Array.from({ length: blocks }, () => [draw(), draw()] as const) };
}

/** The Jacobians of all depths from the top, in one backward pass. */
export async function throughDepth(
  { a, weights }: DrawnNetwork,
  activation: ActivationName,
  skip: Skip,
): Promise<DepthRun> {
  const n = a.data.length;
  const found: Readonly<Record<string, Tensor>> = await evaluate(
    (input: Value, units: Value, ...matrices: readonly Value[]) => {
      const states = [input];
      weights.forEach((_, i) =>
        states.push(
          block(states.at(-1)!, { w1: matrices[2 * i]!, w2: matrices[2 * i + 1]! }, activation, skip),
        ),
      );
      const below = states.slice(0, -1);
      const jacobians = gradientsOf(states.at(-1)!, below, units);
      return Object.fromEntries(jacobians.map((jacobian, b) => [String(b), jacobian]));
    },
    [repeated(a, n), identity(n), ...weights.flat()],
  );
  const jacobians = weights.map((_, b) => found[String(b)]!).toReversed();
  return { jacobians, gains: jacobians.map(({ data }) => gainOf(data, n)) };
}

/** ‖J‖_F/√n, scaled before squaring so that nothing underflows. */
function gainOf(data: ArrayLike<number>, n: number): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]!));
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i]! / largest) ** 2;
  return largest * Math.sqrt(sum / n);
}

/** A random orthogonal matrix: Gram-Schmidt, twice for the last digits, on normal numbers. */
export function randomOrthogonal(random: Random, n: number): Tensor {
  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const row = normalTensor(random, [n]).data;
    for (let pass = 0; pass < 2; pass++)
      for (const other of rows) {
        const shared = dot(row, other);
        for (let j = 0; j < n; j++) row[j]! -= shared * other[j]!;
      }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / length));
  }
  return tensor([n, n], Float64Array.from(rows.flatMap((row) => [...row])));
}

function scaled({ shape, data }: Tensor, factor: number): Tensor {
  return { shape, data: data.map((value) => factor * value) };
}
