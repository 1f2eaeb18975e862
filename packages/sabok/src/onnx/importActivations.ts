// ONNX's activations in sabok's.
import { normalizeAxis, sizeOf } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import {
  affine,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  relu,
  relu6,
  reshape,
  sigmoid,
  softmax,
  tanh,
} from "../ops/index.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

export const importActivations: Readonly<Record<string, ImportRule>> = {
  Relu: (site) => site.apply(relu, [site.value(0)]),
  LeakyRelu: (site) => site.apply(leakyRelu, [site.value(0)], { slope: site.float("alpha", 0.01) }),
  Sigmoid: (site) => site.apply(sigmoid, [site.value(0)]),
  Tanh: (site) => site.apply(tanh, [site.value(0)]),
  HardSwish: (site) => site.apply(hardSwish, [site.value(0)]),
  HardSigmoid(site) {
    const [alpha, beta] = [site.float("alpha", 0.2), site.float("beta", 0.5)];
    if (Math.fround(alpha) === Math.fround(1 / 6) && beta === 0.5)
      return site.apply(hardSigmoid, [site.value(0)]);
    // hardSigmoid(z) = clip(z/6 + 1/2, 0, 1)
    return site.apply(hardSigmoid, [
      site.apply(affine, [site.value(0)], { scale: 6 * alpha, offset: 6 * beta - 3 }),
    ]);
  },
  Clip(site) {
    const least = site.hasAttribute("min") ? site.float("min", 0) : site.number(1);
    const most = site.hasAttribute("max") ? site.float("max", 0) : site.number(2);
    return clip(site, site.value(0), least ?? -Infinity, most ?? Infinity);
  },
  Softmax: (site) => alongAxis(site, softmax),
  LogSoftmax: (site) => alongAxis(site, logSoftmax),
};

/** x held between two numbers, made of relu and relu6. */
function clip(site: ImportSite, x: Value, least: number, most: number): Value {
  // Older exports write the ends of float32 for "none".
  const [open, closed] = [least <= -3.4e38, most >= 3.4e38];
  if (open && closed) return x;
  const moved = (value: Value, scale: number, offset: number): Value =>
    scale === 1 && offset === 0 ? value : site.apply(affine, [value], { scale, offset });
  if (closed) return moved(site.apply(relu, [moved(x, 1, -least)]), 1, least);
  if (open) return moved(site.apply(relu, [moved(x, -1, most)]), -1, most);
  if (!(least < most)) site.refuse(`it clips to [${least}, ${most}], which holds at most one number`);
  const unit = (most - least) / 6;
  return moved(site.apply(relu6, [moved(x, 1 / unit, -least / unit)]), unit, least);
}

function alongAxis(site: ImportSite, spec: typeof softmax | typeof logSoftmax): Value {
  const x = site.value(0);
  const shape = shapeOf(x);
  if (site.opset >= 13) return site.apply(spec as typeof softmax, [x], { axis: site.int("axis", -1) });
  // Before opset 13 the operator is that of a matrix: the axes from `axis` on are its rows' one axis.
  const axis = normalizeAxis(site.int("axis", 1), shape.length, site.where);
  if (sizeOf(shape.slice(axis + 1)) === 1) return site.apply(spec as typeof softmax, [x], { axis });
  const rows = site.apply(reshape, [x], { shape: [sizeOf(shape.slice(0, axis)), -1] });
  return site.apply(reshape, [site.apply(spec as typeof softmax, [rows], { axis: 1 })], { shape });
}
