// Signal, gradient and consistency through a deep stack of one design, block by block on the engine.
import { Random } from "../../core/index.ts";
import { vectorJacobianProduct } from "../../autodiff/index.ts";
import { GraphBuilder, type Value } from "../../graph/index.ts";
import { createSession, type Session } from "../../runtime/index.ts";
import { dot, meanOf } from "../draw.ts";
import type { Statistics } from "../normalizing.ts";
import { blockWith, type Design } from "./designs.ts";

export interface Sizes {
  readonly depth: number;
  readonly width: number;
  readonly batch: number;
  readonly seed: number;
}

/** Weights of each block: N(0, 2/n), a function of seed, block and place. */
function weightsOf(
  { weights }: Design,
  width: number,
  seed: number,
  block: number,
): Record<string, Float32Array> {
  const std = Math.sqrt(2 / width);
  return Object.fromEntries(
    Array.from({ length: weights }, (_, i) => {
      const random = new Random([seed + 1, block + 1, i + 1, width]);
      for (let skip = 0; skip < 8; skip++) random.nextUint32();
      return [`w${i + 1}`, Float32Array.from({ length: width * width }, () => std * random.normal())];
    }),
  );
}

function weightInputs(g: GraphBuilder, { weights }: Design, width: number): Value[] {
  return Array.from({ length: weights }, (_, i) => g.input(`w${i + 1}`, [width, width]));
}

function normals(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal());
}

export interface Signal {
  /** E x² after each block, the input first. */
  readonly secondMoments: readonly number[];
  readonly means: readonly number[];
  /** ‖g_l‖²/‖g_L‖² before each block, the output last (1). */
  readonly gradients: readonly number[];
}

/** Forward and backward through `depth` random blocks; the gradient at the output is random. */
export async function signalThrough(
  design: Design,
  { depth, width, batch, seed }: Sizes,
  onBlock: () => void = () => {},
): Promise<Signal> {
  const forward = await session((g) => {
    const x = g.input("x", [batch, width]);
    return { y: blockWith(design, x, weightInputs(g, design, width)).y };
  });
  const backward = await session((g) => {
    const x = g.input("x", [batch, width]);
    const { y } = blockWith(design, x, weightInputs(g, design, width));
    const [dx] = vectorJacobianProduct(g, y, g.input("dy", [batch, width]), [x]);
    return { dx: dx! };
  });
  const random = new Random(seed);
  const xs = [normals(random, batch * width)];
  for (let l = 0; l < depth; l++) {
    const { y } = await forward.run({ x: xs[l]!, ...weightsOf(design, width, seed, l) });
    xs.push(y!.data);
    onBlock();
  }
  let dy = normals(random, batch * width);
  const squares = [dot(dy, dy)];
  for (let l = depth - 1; l >= 0; l--) {
    const { dx } = await backward.run({ x: xs[l]!, dy, ...weightsOf(design, width, seed, l) });
    dy = new Float32Array(dx!.data);
    squares.unshift(dot(dy, dy));
    onBlock();
  }
  return {
    secondMoments: xs.map((x) => dot(x, x) / x.length),
    means: xs.map(meanOf),
    gradients: squares.map((square) => square / squares.at(-1)!),
  };
}

const population = 2048;

/**
 * How far training and inference are apart at each depth: mean (y_train − y_inference)² over the variance of a unit (the mean of the two),
 * for batches of m; the stored statistics are those of 2048 samples. 2 would be two unrelated outputs.
 */
export async function consistencyThrough(
  design: Design,
  { depth, width, seed }: Omit<Sizes, "batch">,
  m: number,
): Promise<number[]> {
  const own = async (batch: number): Promise<Session> =>
    session((g) => {
      const { y, used } = blockWith(design, g.input("x", [batch, width]), weightInputs(g, design, width));
      return {
        y,
        ...Object.fromEntries(
          used.flatMap(({ mean, variance }, i) => [
            [`mean${i}`, mean],
            [`variance${i}`, variance],
          ]),
        ),
      };
    });
  const [whole, training] = [await own(population), await own(m)];
  const norms = Object.keys(whole.graph.outputs).filter((name) => name.startsWith("mean")).length;
  const inference = await session((g) => {
    const given: Statistics[] = Array.from({ length: norms }, (_, i) => ({
      mean: g.input(`mean${i}`, [width]),
      variance: g.input(`variance${i}`, [width]),
    }));
    return { y: blockWith(design, g.input("x", [m, width]), weightInputs(g, design, width), given).y };
  });
  const random = new Random(seed + 7);
  let all = normals(random, population * width);
  let trained = normals(random, m * width);
  let inferred = trained;
  const apart: number[] = [0];
  for (let l = 0; l < depth; l++) {
    const weights = weightsOf(design, width, seed, l);
    const { y, ...statistics } = await whole.run({ x: all, ...weights });
    all = new Float32Array(y!.data);
    trained = new Float32Array((await training.run({ x: trained, ...weights }))["y"]!.data);
    inferred = new Float32Array((await inference.run({ x: inferred, ...weights, ...statistics }))["y"]!.data);
    const difference = trained.map((value, i) => value - inferred[i]!);
    const scale = (unitVariance(trained, width) + unitVariance(inferred, width)) / 2;
    apart.push(dot(difference, difference) / difference.length / scale);
  }
  return apart;
}

/** The unbiased variance of each unit over the samples [samples, width], averaged over units. */
function unitVariance(x: Float32Array, width: number): number {
  const samples = x.length / width;
  const means = new Float64Array(width);
  for (let i = 0; i < x.length; i++) means[i % width]! += x[i]! / samples;
  return (dot(x, x) - samples * dot(means, means)) / ((samples - 1) * width);
}

function session(build: (g: GraphBuilder) => Record<string, Value>): Promise<Session> {
  const g = new GraphBuilder();
  const outputs = build(g);
  return createSession(g.finish(outputs));
}
