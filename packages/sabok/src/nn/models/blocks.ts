// The building blocks that the published networks share, their parameters named as torchvision's modules.
import type { Value } from "../../graph/index.ts";
import type { Activation } from "../../ops/index.ts";
import { scope } from "../building.ts";
import type { Initialization } from "../initializers.ts";
import { batchNorm } from "../layers/batchNorm.ts";
import { conv2d } from "../layers/conv2d.ts";

/** What stays the same all over a network. */
export interface BlockStyle {
  readonly epsilon: number;
  readonly momentum: number;
  readonly init: Initialization;
}

export interface ConvNormOptions {
  readonly out: number;
  /** Odd; padded so that stride 1 keeps the size. Default 1. */
  readonly kernel?: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly activation: Activation;
}

/** Convolution "<name>.0", batch norm "<name>.1" and activation. */
export function convNorm(x: Value, name: string, options: ConvNormOptions, style: BlockStyle): Value {
  const { kernel = 1, stride = 1, dilation = 1, groups = 1, out, activation } = options;
  return scope(name, () => {
    const y = conv2d(x, {
      out,
      kernel,
      stride,
      dilation,
      padding: (dilation * (kernel - 1)) / 2,
      groups,
      init: style.init,
      name: "0",
    });
    return batchNorm(y, { epsilon: style.epsilon, momentum: style.momentum, activation, name: "1" });
  });
}
