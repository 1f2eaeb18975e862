// The gradient of any activation: dy·f'(x). Its own gradient is linear in dy and needs f'' for x.
import { ShapeError, formatShape, zeros } from "../core/index.ts";
import type { GraphBuilder, OpSpec, Value } from "../graph/index.ts";
import { activationFunctions, activationNames, type ActivationName } from "./activation.ts";
import { affine } from "./affine.ts";
import { mul } from "./mul.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { sigmoid } from "./sigmoid.ts";
import { tanh } from "./tanh.ts";

export type ActivationGradientAttrs = {
  readonly activation: ActivationName;
  /** leakyRelu's slope below 0. */
  readonly slope: number;
};

export const activationGradient: OpSpec<"activationGradient", ActivationGradientAttrs, 2> = {
  name: "activationGradient",
  doc: "dx = dy · f'(x) for the named activation f; at a kink, PyTorch's choice.",
  inputs: ["dy", "x"],
  defaults: { activation: "relu", slope: 0.01 },
  words: { activation: activationNames },
  infer([dy, x], _, where) {
    if (formatShape(dy.shape) !== formatShape(x.shape))
      throw new ShapeError(
        `${where}: dy has shape ${formatShape(dy.shape)} but x ${formatShape(x.shape)}; they must be equal.`,
      );
    return x;
  },
  reference([dy, x], { activation, slope }) {
    const { derivative } = activationFunctions[activation];
    const dx = zeros(x.shape);
    for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[i]! * derivative(x.data[i]!, slope);
    return dx;
  },
  grad(g, ddx, { inputs: [dy, x], attrs }) {
    const curvature = secondDerivative(g, x, attrs.activation);
    return [
      g.apply(activationGradient, [ddx, x], attrs),
      curvature && g.apply(mul, [g.apply(mul, [ddx, dy]), curvature]),
    ];
  },
  macs: noMacs,
  *samples() {
    for (const [i, shape] of [...anyShapes, ...anyShapes].entries())
      yield { inputs: [shape, shape], attrs: { activation: activationNames[i % activationNames.length]! } };
  },
  rejects: [{ inputs: [[2, 3], [3]], error: /dy has shape \[2,3\] but x \[3\]/ }],
};

/** f''(x) as a value; null where it is zero almost everywhere. */
function secondDerivative(g: GraphBuilder, x: Value, activation: ActivationName): Value | null {
  switch (activation) {
    case "relu":
    case "relu6":
    case "leakyRelu":
    case "hardSigmoid":
      return null;
    case "hardSwish": {
      // 1/3 on (−3, 3): twice hardSigmoid's derivative.
      const inside = g.apply(activationGradient, [g.apply(affine, [x], { scale: 0, offset: 2 }), x], {
        activation: "hardSigmoid",
      });
      return inside;
    }
    case "sigmoid": {
      // σ'' = σ(1 − σ)(1 − 2σ)
      const s = g.apply(sigmoid, [x]);
      const slope = g.apply(mul, [s, g.apply(affine, [s], { scale: -1, offset: 1 })]);
      return g.apply(mul, [slope, g.apply(affine, [s], { scale: -2, offset: 1 })]);
    }
    case "tanh": {
      // tanh'' = −2·tanh·(1 − tanh²)
      const t = g.apply(tanh, [x]);
      return g.apply(mul, [t, g.apply(affine, [g.apply(mul, [t, t])], { scale: 2, offset: -2 })]);
    }
    case "silu": {
      // silu'' = σ(1 − σ)·(2 + x(1 − 2σ))
      const s = g.apply(sigmoid, [x]);
      const slope = g.apply(mul, [s, g.apply(affine, [s], { scale: -1, offset: 1 })]);
      const bend = g.apply(mul, [x, g.apply(affine, [s], { scale: -2, offset: 1 })]);
      return g.apply(mul, [slope, g.apply(affine, [bend], { offset: 2 })]);
    }
  }
}
