// How a layer's weights begin, as functions of their shape.
import type { Shape } from "../core/index.ts";
import type { Initializer } from "../graph/index.ts";

/** Fixed, or made from the weight's shape [O,I/groups,…] and the number of groups. */
export type Initialization = Initializer | ((shape: Shape, groups: number) => Initializer);

export const zeros: Initializer = { kind: "constant", value: 0 };
export const ones: Initializer = { kind: "constant", value: 1 };

/** The product of the axes that one weight slides over. */
function area(shape: Shape): number {
  return shape.slice(2).reduce((a, b) => a * b, 1);
}

/**
 * He et al. (2015) by fan-out: N(0, 2/(O·KH·KW)). As PyTorch's kaiming_normal_ it does not divide by the groups, so
 * depthwise weights begin small.
 */
export function heNormal(shape: Shape): Initializer {
  return { kind: "normal", std: Math.sqrt(2 / (shape[0]! * area(shape))) };
}

/** He by the fan-out within a group, N(0, 2/(O/groups·KH·KW)): what EfficientNet and timm's mobile networks use. */
export function heNormalOfGroup(shape: Shape, groups: number): Initializer {
  return { kind: "normal", std: Math.sqrt((2 * groups) / (shape[0]! * area(shape))) };
}

/** U(−b, b), b = 1/√fan-in: PyTorch's default of linear layers. */
export function uniformByFanIn(shape: Shape): Initializer {
  return { kind: "uniform", bound: 1 / Math.sqrt(shape[1]! * area(shape)) };
}

export function initializerOf(init: Initialization, shape: Shape, groups = 1): Initializer {
  return typeof init === "function" ? init(shape, groups) : init;
}
