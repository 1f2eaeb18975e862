// Batch normalisation in its training form, with PyTorch's running statistics.
import { ShapeError, formatShape, sizeOf, type Shape } from "../../core/index.ts";
import { shapeOf, type Value } from "../../graph/index.ts";
import {
  batchMean,
  batchNorm as batchNormOp,
  batchVariance,
  movingAverage,
  type Activation,
} from "../../ops/index.ts";
import { layerScope } from "../building.ts";
import { ones, zeros } from "../initializers.ts";
import { activate } from "./activations.ts";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** The share of the new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** What follows the normalisation. Default "none". */
  readonly activation?: Activation;
  /** What `weight` γ begins with. Default 1; 0 on the last norm of a residual branch starts the block as the identity. */
  readonly gamma?: number;
  /** The scope of the parameters; default "batchNorm", "batchNorm_2" … */
  readonly name?: string;
}

/**
 * Normalises each channel of x [N,C,…] by the batch's mean and variance (Ioffe and Szegedy, 2015): parameters `weight` γ
 * and `bias` β, buffers `running_mean` and `running_var`, which each run moves towards the batch's (the variance unbiased).
 */
export function batchNorm(x: Value, options: BatchNormOptions = {}): Value {
  const { epsilon = 1e-5, momentum = 0.1, activation = "none", gamma = 1, name } = options;
  const y = layerScope("batchNorm", name, (g, path) => {
    const shape = shapeOf(x);
    if (shape.length < 2)
      throw new ShapeError(`batchNorm "${path}": x has shape ${formatShape(shape)}, expected [N,C,…].`);
    const channels = [shape[1]!];
    const weight = g.parameter("weight", channels, { kind: "constant", value: gamma });
    const bias = g.parameter("bias", channels, zeros);
    // The buffers come before the statistics, so that toInference can put them in the statistics' place.
    const runningMean = g.buffer("running_mean", channels, zeros);
    const runningVariance = g.buffer("running_var", channels, ones);
    const mean = g.apply(batchMean, [x]);
    const variance = g.apply(batchVariance, [x]);
    g.update(runningMean, g.apply(movingAverage, [runningMean, mean], { momentum }));
    g.update(
      runningVariance,
      g.apply(movingAverage, [runningVariance, variance], { momentum, correction: besselCorrection(shape) }),
    );
    return g.apply(batchNormOp, [x, weight, bias, mean, variance], { epsilon });
  });
  return activate(y, activation);
}

/** m/(m − 1), m the values of a channel: makes the batch's variance unbiased. withInputShapes derives it anew for other shapes. */
function besselCorrection(shape: Shape): number {
  const count = sizeOf(shape) / shape[1]!;
  return count / (count - 1);
}
