// Squeeze-and-excitation: each channel scaled by a gate that sees all channels' means.
import { shapeOf, type Value } from "../../graph/index.ts";
import type { Activation } from "../../ops/index.ts";
import { layerScope } from "../building.ts";
import type { Initialization } from "../initializers.ts";
import { activate } from "./activations.ts";
import { conv2d } from "./conv2d.ts";
import { mul } from "./elementwise.ts";
import { globalAvgPool } from "./pooling.ts";

export interface SqueezeExciteOptions {
  /** Channels of the bottleneck. */
  readonly squeeze: number;
  /** Default "hardSigmoid", as MobileNetV3; SENet has "sigmoid". */
  readonly gate?: Activation;
  readonly init?: Initialization;
  /** The scope of the parameters; default "squeezeExcite" … */
  readonly name?: string;
}

/**
 * x·gate(fc2(relu(fc1(mean of x)))) for x [N,C,H,W] (Hu et al., 2018): pointwise convolutions `fc1` C → squeeze and `fc2`
 * squeeze → C with bias, named as torchvision's.
 */
export function squeezeExcite(
  x: Value,
  { squeeze, gate = "hardSigmoid", init, name }: SqueezeExciteOptions,
): Value {
  return layerScope("squeezeExcite", name, () => {
    const options = { bias: true, ...(init && { init }) };
    const squeezed = activate(
      conv2d(globalAvgPool(x, { keepDims: true }), { ...options, out: squeeze, name: "fc1" }),
      "relu",
    );
    const scale = activate(conv2d(squeezed, { ...options, out: shapeOf(x)[1]!, name: "fc2" }), gate);
    return mul(x, scale);
  });
}
