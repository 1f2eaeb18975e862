// Pooling over windows and over whole maps.
import type { Padding, Value } from "../../graph/index.ts";
import { averagePool2d, flatten, globalAveragePool, maxPool2d as maxPool2dOp } from "../../ops/index.ts";
import { apply } from "../building.ts";
import { paddingOf, pairOf, type Size } from "./windows.ts";

export interface PoolOptions {
  /** Default 2. */
  readonly kernel?: Size;
  /** Default: the kernel, windows side by side. */
  readonly stride?: Size;
  /** Default 0. */
  readonly padding?: number | Padding;
  /** Round the output size up instead of down. Default false. */
  readonly ceilMode?: boolean;
}

/** The largest value of each window of x [N,C,H,W]. */
export function maxPool2d(x: Value, options: PoolOptions & { readonly dilation?: Size } = {}): Value {
  return apply(maxPool2dOp, [x], { ...poolAttributes(options), dilation: pairOf(options.dilation ?? 1) });
}

/** The mean of each window of x [N,C,H,W]; the padding counts in it unless countIncludePad is false. */
export function avgPool2d(
  x: Value,
  options: PoolOptions & { readonly countIncludePad?: boolean } = {},
): Value {
  return apply(averagePool2d, [x], {
    ...poolAttributes(options),
    countIncludePad: options.countIncludePad ?? true,
  });
}

/** The mean of each whole map of x [N,C,H,W]: [N,C], or [N,C,1,1] where the axes are kept. */
export function globalAvgPool(x: Value, { keepDims = false }: { readonly keepDims?: boolean } = {}): Value {
  const y = apply(globalAveragePool, [x]);
  return keepDims ? y : apply(flatten, [y]);
}

function poolAttributes({ kernel = 2, stride = kernel, padding = 0, ceilMode = false }: PoolOptions) {
  return { kernel: pairOf(kernel), stride: pairOf(stride), padding: paddingOf(padding), ceilMode };
}
