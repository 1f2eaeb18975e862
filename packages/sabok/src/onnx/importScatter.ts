// ONNX's operators that write into a value, or read it, at places that are data, in sabok's.
import { sizeOf } from "../core/index.ts";
import { shapeOf, type Pair, type Value } from "../graph/index.ts";
import {
  add,
  broadcastTo,
  gather,
  matmul,
  pad,
  remainder,
  reshape,
  scatterElements,
  scatterReduce,
} from "../ops/index.ts";
import type { ScatterReduction } from "../ops/scattering.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";
import { pair } from "./importWindows.ts";

export const importScatter: Readonly<Record<string, ImportRule>> = {
  Scatter: scattered,
  ScatterElements: scattered,
  ScatterND(site) {
    const [x, indices, updates] = [site.value(0), site.value(1), site.value(2)];
    const shape = shapeOf(x);
    const count = shapeOf(indices).at(-1)!;
    expectCoordinates(site, count, shape.length);
    // The parts that the indices name are rows of a matrix.
    const inner = sizeOf(shape.slice(count));
    const rows = site.apply(reshape, [x], { shape: [-1, inner] });
    const each = site.apply(reshape, [updates], { shape: [-1, inner] });
    const at = site.apply(reshape, [rowOf(site, indices, shape.slice(0, count))], { shape: [-1, 1] });
    const spread = site.apply(broadcastTo, [at], { shape: shapeOf(each) });
    const y = scatter(site, [rows, spread, each], 0);
    return site.apply(reshape, [y], { shape });
  },
  GatherND(site) {
    const [x, indices] = [site.value(0), site.value(1)];
    const [shape, rest] = [shapeOf(x), shapeOf(indices).slice(0, -1)];
    const batches = site.int("batch_dims", 0);
    const count = shapeOf(indices).at(-1)!;
    expectCoordinates(site, batches + count, shape.length);
    const named = shape.slice(batches, batches + count);
    const within = site.apply(reshape, [rowOf(site, indices, named)], { shape: rest });
    // Each of a batch has its own rows.
    const heads = shape.slice(0, batches);
    const own = site.constant(
      rest.map((length, axis) => (axis < batches ? length : 1)),
      Array.from({ length: sizeOf(heads) }, (_, i) => i * sizeOf(named)),
    );
    const inner = shape.slice(batches + count);
    const rows = site.apply(reshape, [x], { shape: [-1, ...inner] });
    return site.apply(gather, [rows, batches === 0 ? within : site.apply(add, [within, own])], { axis: 0 });
  },
  MaxUnpool(site) {
    const [x, indices] = [site.value(0), site.indices(1)];
    const [batch, channels, height, width] = shapeOf(x);
    const kernel = pair(site, "kernel_shape");
    if (!kernel || width === undefined || shapeOf(x).length !== 4)
      return site.refuse(`it unpools a value of shape [${shapeOf(x)}]; sabok imports it over maps`);
    const stride: Pair = pair(site, "strides") ?? [1, 1];
    const pads = site.ints("pads") ?? [0, 0, 0, 0];
    const size = [height!, width].map(
      (length, axis) => (length - 1) * stride[axis]! - pads[axis]! - pads[axis + 2]! + kernel[axis]!,
    );
    // The places are counted over the whole result, of the size that pooling began with.
    const whole = [batch!, channels!, ...size];
    site.expectFeasible(sizeOf(whole));
    const empty = site.constant([sizeOf(whole)], new Float64Array(sizeOf(whole)));
    const line = (value: Value): Value => site.apply(reshape, [value], { shape: [-1] });
    const filled = site.apply(scatterElements, [empty, line(indices), line(x)]);
    const y = site.apply(reshape, [filled], { shape: whole });
    const wanted = site.numbers(2);
    if (!wanted) return y;
    const after = whole.map((length, axis) => (wanted[axis] ?? 0) - length);
    if (after.some((more) => more < 0))
      site.refuse(`its output_shape is [${wanted}], but it makes [${whole}]`);
    return site.apply(pad, [y], { before: whole.map(() => 0), after });
  },
};

function scattered(site: ImportSite): Value {
  const [x, indices, updates] = [site.value(0), site.indices(1), site.value(2)];
  return scatter(site, [x, indices, updates], site.int("axis", 0));
}

function scatter(site: ImportSite, operands: readonly [Value, Value, Value], axis: number): Value {
  const reduction = site.choice<ScatterReduction>("reduction", "none", "add", "mul", "max", "min");
  return reduction === "none" || reduction === "add"
    ? site.apply(scatterElements, operands, { axis, reduction })
    : site.apply(scatterReduce, operands, { axis, reduction });
}

function expectCoordinates(site: ImportSite, count: number, rank: number): void {
  if (!(count >= 1 && count <= rank)) site.refuse(`it names ${count} axes of ${rank}`);
}

/** The row-major place [*, 1] within the named axes that each index tuple [*, count] says; negative ones count from the back. */
function rowOf(site: ImportSite, indices: Value, named: readonly number[]): Value {
  const tuples = site.apply(reshape, [indices], { shape: [-1, named.length] });
  const forward = site.apply(remainder, [tuples, site.constant([named.length], named)]);
  const strides = named.map((_, axis) => sizeOf(named.slice(axis + 1)));
  return site.apply(matmul, [forward, site.constant([named.length, 1], strides)]);
}
