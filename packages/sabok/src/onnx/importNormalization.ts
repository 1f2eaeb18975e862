// ONNX's normalisations in sabok's operators. Those that sabok has no layer for are made of means and powers.
import { normalizeAxis } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  batchMean,
  batchNorm,
  batchVariance,
  mean,
  mul,
  power,
  reshape,
  sub,
} from "../ops/index.ts";
import type { ImportResult, ImportRule, ImportSite } from "./importSite.ts";

export const importNormalization: Readonly<Record<string, ImportRule>> = {
  BatchNormalization(site) {
    if (site.int("spatial", 1) !== 1) site.refuse("spatial is 0, which no opset since 9 has");
    const epsilon = site.float("epsilon", 1e-5);
    const outputs = site.node.output.filter((name) => name !== "").length;
    const isTraining = site.opset >= 14 ? site.int("training_mode", 0) !== 0 : outputs > 1;
    if (!isTraining)
      return site.apply(
        batchNorm,
        [site.value(0), site.value(1), site.value(2), site.value(3, "buffer"), site.value(4, "buffer")],
        { epsilon },
      );
    const x = site.value(0);
    const [average, variance] = [site.apply(batchMean, [x]), site.apply(batchVariance, [x])];
    const y = site.apply(batchNorm, [x, site.value(1), site.value(2), average, variance], { epsilon });
    // running = momentum·running + (1 − momentum)·batch
    const momentum = site.float("momentum", 0.9);
    const moved = (position: number, batch: Value): Value =>
      site.apply(add, [
        site.apply(affine, [site.value(position, "buffer")], { scale: momentum }),
        site.apply(affine, [batch], { scale: 1 - momentum }),
      ]);
    return [y, moved(3, average), moved(4, variance), average, variance];
  },
  InstanceNormalization(site) {
    const x = site.value(0);
    const axes = [...shapeOf(x).keys()].slice(2);
    const { y } = standardized(site, x, axes, site.float("epsilon", 1e-5));
    return scaledAndShifted(site, y, perChannel(site, x, site.value(1)), perChannel(site, x, site.value(2)));
  },
  LayerNormalization(site) {
    const x = site.value(0);
    const rank = shapeOf(x).length;
    const axis = normalizeAxis(site.int("axis", -1), rank, site.where);
    const axes = [...shapeOf(x).keys()].slice(axis);
    const { y, average, inverse } = standardized(site, x, axes, site.float("epsilon", 1e-5));
    const scaled = scaledAndShifted(site, y, site.value(1), site.has(2) ? site.value(2) : undefined);
    return [scaled, average, inverse];
  },
  GroupNormalization(site) {
    const x = site.value(0);
    const [, channels] = shapeOf(x);
    const groups = site.int("num_groups", 1);
    const grouped = site.apply(reshape, [x], {
      shape: [
        -1,
        groups,
        shapeOf(x)
          .slice(1)
          .reduce((a, b) => a * b, 1) / groups,
      ],
    });
    const { y } = standardized(site, grouped, [2], site.float("epsilon", 1e-5));
    const [scale, bias] = [site.value(1), site.value(2)];
    if (site.opset < 21 && shapeOf(scale)[0] === groups && groups !== channels) {
      // One scale a group.
      const shifted = scaledAndShifted(
        site,
        y,
        perChannel(site, grouped, scale),
        perChannel(site, grouped, bias),
      );
      return site.apply(reshape, [shifted], { shape: [-1, ...shapeOf(x).slice(1)] });
    }
    const back = site.apply(reshape, [y], { shape: [-1, ...shapeOf(x).slice(1)] });
    return scaledAndShifted(site, back, perChannel(site, x, scale), perChannel(site, x, bias));
  },
  RMSNormalization(site) {
    const x = site.value(0);
    const axis = normalizeAxis(site.int("axis", -1), shapeOf(x).length, site.where);
    const axes = [...shapeOf(x).keys()].slice(axis);
    const squares = site.apply(mean, [site.apply(power, [x], { exponent: 2 })], { axes, keepDims: true });
    const base = site.apply(affine, [squares], { offset: site.float("epsilon", 1e-5) });
    return site.apply(mul, [
      site.apply(mul, [x, site.apply(power, [base], { exponent: -0.5 })]),
      site.value(1),
    ]);
  },
  MeanVarianceNormalization(site) {
    const x = site.value(0);
    return standardized(site, x, site.ints("axes") ?? [0, 2, 3], 1e-9).y;
  },
  LpNormalization(site) {
    const x = site.value(0);
    const axes = [site.int("axis", -1)];
    const p = site.int("p", 2);
    if (p !== 1 && p !== 2) site.refuse(`its p is ${p}`);
    const absolute = site.apply(power, [site.apply(power, [x], { exponent: 2 })], { exponent: p / 2 });
    const total = site.apply(mean, [absolute], { axes, keepDims: true });
    const count = shapeOf(x).at(axes[0]!)!;
    const norm = site.apply(power, [site.apply(affine, [total], { scale: count })], { exponent: -1 / p });
    return site.apply(mul, [x, norm]);
  },
} satisfies Readonly<Record<string, (site: ImportSite) => ImportResult | readonly ImportResult[]>>;

/** (x − μ)/√(σ² + ε) over the given axes, with μ and 1/√(σ² + ε). */
function standardized(
  site: ImportSite,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): { y: Value; average: Value; inverse: Value } {
  const average = site.apply(mean, [x], { axes, keepDims: true });
  const centred = site.apply(sub, [x, average]);
  const variance = site.apply(mean, [site.apply(power, [centred], { exponent: 2 })], {
    axes,
    keepDims: true,
  });
  const inverse = site.apply(power, [site.apply(affine, [variance], { offset: epsilon })], {
    exponent: -0.5,
  });
  return { y: site.apply(mul, [centred, inverse]), average, inverse };
}

function scaledAndShifted(site: ImportSite, x: Value, scale: Value, shift: Value | undefined): Value {
  const scaled = site.apply(mul, [x, scale]);
  return shift ? site.apply(add, [scaled, shift]) : scaled;
}

/** A vector of one number a channel as a value that broadcasts over x [N,C,…]. */
function perChannel(site: ImportSite, x: Value, vector: Value): Value {
  return site.apply(reshape, [vector], {
    shape: [
      -1,
      ...shapeOf(x)
        .slice(2)
        .map(() => 1),
    ],
  });
}
