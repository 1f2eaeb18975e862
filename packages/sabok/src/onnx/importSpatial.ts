// ONNX's operators over windows of maps [N,C,H,W] in sabok's.
import { sizeOf } from "../core/index.ts";
import { shapeOf, type Pair, type Padding, type Value, mapSizeOf } from "../graph/index.ts";
import {
  affine,
  averagePool2d,
  biasAdd,
  conv2d,
  conv2dInputGradient,
  div,
  elementary,
  globalAveragePool,
  maxPool2d,
  maxPool2dSelect,
  mean,
  mul,
  power,
  reduceMax,
  sum,
} from "../ops/index.ts";
import { importResize } from "./importResize.ts";
import { alongAxis, asGiven, asMap, mapAt } from "./importMap.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";
import { pair, roundedUp, transposedWindowOf, windowOf } from "./importWindows.ts";

export const importSpatial: Readonly<Record<string, ImportRule>> = {
  Conv: (site) => convolved(site, site.value(0), site.value(1), site.has(2) ? site.value(2) : undefined),
  ConvTranspose(site) {
    const [x, w] = [mapAt(site, 0), mapAt(site, 1)];
    const { stride, dilation, padding, size } = transposedWindowOf(site, x, mapSizeOf(w));
    const groups = site.int("group", 1);
    return asGiven(
      site,
      withBias(site, site.apply(conv2dInputGradient, [x, w], { stride, dilation, padding, size, groups })),
    );
  },
  MaxPool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const window = windowOf(site, x, kernel);
    const attrs = { kernel, ...window, ceilMode: site.int("ceil_mode", 0) !== 0 };
    const y = asGiven(site, site.apply(maxPool2d, [x], attrs));
    if ((site.node.output[1] ?? "") === "") return y;
    // Where each maximum stands in the whole value, counted row by row or column by column.
    const [batch, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const isColumnMajor = site.int("storage_order", 0) !== 0;
    const area = height * width;
    site.expectFeasible(batch * channels * area);
    const places = site.constant(
      [batch, channels, height, width],
      Array.from({ length: batch * channels * area }, (_, i) => {
        const [plane, row, column] = [Math.floor(i / area), Math.floor((i % area) / width), i % width];
        return isColumnMajor ? plane * area + column * height + row : i;
      }),
    );
    return [y, site.typed(asGiven(site, site.apply(maxPool2dSelect, [places, x], attrs)), "int64")];
  },
  AveragePool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const { stride, dilation, padding } = windowOf(site, x, kernel);
    const [ceilMode, countIncludePad] = [
      site.int("ceil_mode", 0) !== 0,
      site.int("count_include_pad", 0) !== 0,
    ];
    if (dilation.every((step) => step === 1))
      return asGiven(
        site,
        site.apply(averagePool2d, [x], { kernel, stride, padding, ceilMode, countIncludePad }),
      );
    const window = {
      kernel,
      stride,
      dilation,
      padding: ceilMode ? roundedUp(x, kernel, { stride, dilation, padding }) : padding,
    };
    const ones = site.constant(
      [1, 1, ...mapSizeOf(x)],
      Array.from({ length: sizeOf(mapSizeOf(x)) }, () => 1),
    );
    const sums = windowSums(site, x, window);
    const means = countIncludePad
      ? site.apply(affine, [sums], { scale: 1 / sizeOf(kernel) })
      : site.apply(div, [sums, windowSums(site, ones, window)]);
    return asGiven(site, means);
  },
  LpPool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const { stride, dilation, padding } = windowOf(site, x, kernel);
    const isCeil = site.int("ceil_mode", 0) !== 0;
    const window = {
      kernel,
      stride,
      dilation,
      padding: isCeil ? roundedUp(x, kernel, { stride, dilation, padding }) : padding,
    };
    const p = site.int("p", 2);
    return asGiven(
      site,
      norm(site, x, p, (powers) => windowSums(site, powers, window)),
    );
  },
  GlobalLpPool(site) {
    const x = site.value(0);
    const axes = [...shapeOf(x).keys()].slice(2);
    return norm(site, x, site.int("p", 2), (powers) => site.apply(sum, [powers], { axes, keepDims: true }));
  },
  GlobalAveragePool(site) {
    const x = site.value(0);
    if (shapeOf(x).length === 4) return site.apply(globalAveragePool, [x]);
    return site.apply(mean, [x], { axes: [...shapeOf(x).keys()].slice(2), keepDims: true });
  },
  GlobalMaxPool(site) {
    const x = site.value(0);
    return site.apply(reduceMax, [x], { axes: [...shapeOf(x).keys()].slice(2), keepDims: true });
  },
  LRN(site) {
    // y = x / (bias + alpha/size · Σ x² over `size` channels around)^beta
    const x = site.value(0);
    const size = site.int("size", 1);
    const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    const squares = site.apply(power, [x], { exponent: 2 });
    const sums = alongAxis(site, squares, 1, shapeOf(x)[1]!, (from, to) =>
      from >= to - before && from <= to + after ? 1 : 0,
    );
    const base = site.apply(affine, [sums], {
      scale: site.float("alpha", 1e-4) / size,
      offset: site.float("bias", 1),
    });
    return site.apply(mul, [x, site.apply(power, [base], { exponent: -site.float("beta", 0.75) })]);
  },
  Resize: importResize,
  Upsample: importResize,
};

/** (Σ |x|^p)^(1/p), the sum given. */
function norm(site: ImportSite, x: Value, p: number, total: (powers: Value) => Value): Value {
  const powers =
    p === 2
      ? site.apply(power, [x], { exponent: 2 })
      : site.apply(power, [site.apply(elementary, [x], { function: "abs" })], { exponent: p });
  return site.apply(power, [total(powers)], { exponent: 1 / p });
}

/** The sums over the windows of each channel: a depthwise convolution with ones. */
function windowSums(
  site: ImportSite,
  x: Value,
  { kernel, ...window }: { kernel: Pair; stride: Pair; dilation: Pair; padding: Padding },
): Value {
  const groups = shapeOf(x)[1]!;
  const ones = site.constant(
    [groups, 1, ...kernel],
    Array.from({ length: groups * sizeOf(kernel) }, () => 1),
  );
  return site.apply(conv2d, [x, ones], { ...window, groups });
}

/** The convolution that the node's attributes describe, over operands that may be the node's own in another form. */
export function convolved(site: ImportSite, x: Value, w: Value, bias: Value | undefined): Value {
  const [map, weight] = [asMap(site, x), asMap(site, w)];
  const attrs = { ...windowOf(site, map, mapSizeOf(weight)), groups: site.int("group", 1) };
  const y = site.apply(conv2d, [map, weight], attrs);
  return asGiven(site, bias ? site.apply(biasAdd, [y, bias]) : y);
}

function withBias(site: ImportSite, y: Value): Value {
  return site.has(2) ? site.apply(biasAdd, [y, site.value(2)]) : y;
}
