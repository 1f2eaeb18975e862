// Optimisers as graph: each adds, for one parameter and its gradient, the updates of the parameter and of its own states.
import type { GraphBuilder, Value } from "../graph/index.ts";
import { shapeOf } from "../graph/index.ts";
import { adamMoment1, adamMoment2, adamStep, sgdMomentum, sgdStep } from "../ops/index.ts";

export type Optimizer =
  | {
      /** Stochastic gradient descent with (Nesterov) momentum, PyTorch's formula. */
      readonly kind: "sgd";
      readonly momentum: number;
      readonly nesterov: boolean;
      /** Added to the gradient, for convolution and linear weights only. */
      readonly weightDecay: number;
    }
  | {
      /** Adam with decoupled weight decay (Loshchilov and Hutter, 2019). */
      readonly kind: "adamw";
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** What both optimisers read besides the gradient: the learning rate and the number of this step, from 1, as scalars. */
export interface StepScalars {
  readonly rate: Value;
  readonly step: Value;
}

/** Weight decay acts on convolution and linear weights; batch norm parameters and biases (vectors) are left free. */
export function isDecayed(parameter: Value): boolean {
  return shapeOf(parameter).length > 1;
}

/** The parameter's new value; the optimiser's own states are updated through the builder. */
export function optimizerStep(
  g: GraphBuilder,
  optimizer: Optimizer,
  parameter: Value,
  gradient: Value,
  scalars: StepScalars,
): Value {
  const weightDecay = isDecayed(parameter) ? optimizer.weightDecay : 0;
  const state = (kind: string): Value =>
    g.at(`optimizer.${kind}`, () =>
      g.buffer(parameter.name, shapeOf(parameter), { kind: "constant", value: 0 }),
    );
  return g.at(parameter.name, () => {
    if (optimizer.kind === "sgd") {
      const { momentum, nesterov } = optimizer;
      const old = state("momentum");
      const velocity = g.apply(sgdMomentum, [old, gradient, parameter], { momentum, weightDecay });
      g.update(old, velocity);
      return g.apply(sgdStep, [parameter, velocity, gradient, scalars.rate], {
        momentum,
        weightDecay,
        nesterov,
      });
    }
    const { beta1, beta2, epsilon } = optimizer;
    const [oldMean, oldSquare] = [state("moment1"), state("moment2")];
    const mean = g.apply(adamMoment1, [oldMean, gradient], { beta1 });
    const square = g.apply(adamMoment2, [oldSquare, gradient], { beta2 });
    g.update(oldMean, mean);
    g.update(oldSquare, square);
    return g.apply(adamStep, [parameter, mean, square, scalars.rate, scalars.step], {
      beta1,
      beta2,
      epsilon,
      weightDecay,
    });
  });
}
