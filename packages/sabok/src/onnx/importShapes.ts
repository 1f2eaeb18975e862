// ONNX's operators that move numbers without changing them, and those that hold or pass them.
import { broadcastShapes, normalizeAxis, sizeOf, type Shape } from "../core/index.ts";
import { shapeOf } from "../graph/index.ts";
import { broadcastTo, concat, flatten, pad, reshape, slice, transpose } from "../ops/index.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";
import type { StoredTensor } from "./tensorProto.ts";

export const importShapes: Readonly<Record<string, ImportRule>> = {
  Reshape(site) {
    const x = site.value(0);
    const to = site.intsOr("shape", 1) ?? site.refuse("it has no shape");
    const copies = site.int("allowzero", 0) === 0;
    const shape = to.map((dimension, axis) =>
      dimension === 0 && copies ? (shapeOf(x)[axis] ?? 0) : dimension,
    );
    if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < -1 || dimension === 0))
      site.refuse(`its shape is [${to}]`);
    return site.apply(reshape, [x], { shape });
  },
  Flatten(site) {
    const x = site.value(0);
    const rank = shapeOf(x).length;
    const given = site.int("axis", 1);
    const axis = given < 0 ? given + rank : given;
    if (!Number.isInteger(axis) || axis < 0 || axis > rank)
      site.refuse(`its axis is ${given}, but x has rank ${rank}`);
    if (axis === 1 && rank > 1) return site.apply(flatten, [x], { startAxis: 1 });
    return site.apply(reshape, [x], { shape: [sizeOf(shapeOf(x).slice(0, axis)), -1] });
  },
  Squeeze(site) {
    const x = site.value(0);
    const shape = shapeOf(x);
    const axes =
      axesOf(site, site.intsOr("axes", 1), shape.length) ??
      [...shape.keys()].filter((axis) => shape[axis] === 1);
    const kept = axes.find((axis) => shape[axis] !== 1);
    if (kept !== undefined) site.refuse(`it removes axis ${kept} of [${shape}], which is not 1`);
    return site.apply(reshape, [x], { shape: shape.filter((_, axis) => !axes.includes(axis)) });
  },
  Unsqueeze(site) {
    const x = site.value(0);
    const given = site.intsOr("axes", 1) ?? site.refuse("it has no axes");
    const axes = axesOf(site, given, shapeOf(x).length + given.length)!;
    const rest = [...shapeOf(x)];
    const shape = Array.from({ length: rest.length + axes.length }, (_, axis) =>
      axes.includes(axis) ? 1 : rest.shift()!,
    );
    return site.apply(reshape, [x], { shape });
  },
  Transpose(site) {
    const x = site.value(0);
    return site.apply(transpose, [x], { permutation: site.ints("perm") ?? [...shapeOf(x).keys()].reverse() });
  },
  Concat(site) {
    const parts = Array.from({ length: site.operandCount }, (_, position) => site.value(position));
    return site.apply(concat, parts, { axis: site.int("axis", 1) });
  },
  Slice(site) {
    const x = site.value(0);
    const shape = shapeOf(x);
    const first = site.intsOr("starts", 1) ?? site.refuse("it has no starts");
    const last = site.intsOr("ends", 2) ?? site.refuse("it has no ends");
    const axes = axesOf(site, site.intsOr("axes", 3), shape.length) ?? [...first.keys()];
    const strides = site.numbers(4) ?? axes.map(() => 1);
    if ([first, last, strides].some((list) => list.length !== axes.length))
      site.refuse("its starts, ends, axes and steps differ in length");
    const [starts, sizes, steps] = [shape.map(() => 0), [...shape], shape.map(() => 1)];
    for (const [i, axis] of axes.entries()) {
      const length = shape[axis]!;
      const within = (index: number): number =>
        Math.min(Math.max(index < 0 ? index + length : index, 0), length);
      if (!(strides[i]! > 0))
        site.refuse(`its step along axis ${axis} is ${strides[i]}; sabok slices forwards only`);
      starts[axis] = within(first[i]!);
      steps[axis] = strides[i]!;
      sizes[axis] = Math.ceil((within(last[i]!) - starts[axis]) / steps[axis]);
      if (!(sizes[axis] > 0))
        site.refuse(`it takes nothing along axis ${axis} of [${shape}]; sabok has no empty values`);
    }
    return site.apply(slice, [x], { starts, sizes, steps });
  },
  Pad(site) {
    const x = site.value(0);
    site.choice("mode", "constant");
    const pads = site.intsOr("pads", 1) ?? site.refuse("it has no pads");
    const axes = axesOf(site, site.numbers(3), shapeOf(x).length) ?? [...shapeOf(x).keys()];
    if (pads.length !== 2 * axes.length) site.refuse(`it has ${pads.length} pads for ${axes.length} axes`);
    const [before, after] = [shapeOf(x).map(() => 0), shapeOf(x).map(() => 0)];
    for (const [i, axis] of axes.entries()) [before[axis], after[axis]] = [pads[i]!, pads[i + axes.length]!];
    return site.apply(pad, [x], {
      before,
      after,
      value: site.hasAttribute("value") ? site.float("value", 0) : (site.number(2) ?? 0),
    });
  },
  Expand(site) {
    const x = site.value(0);
    const to: Shape = site.numbers(1) ?? site.refuse("it has no shape");
    if (to.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 1))
      site.refuse(`its shape is [${to}]`);
    return site.apply(broadcastTo, [x], { shape: broadcastShapes(shapeOf(x), to, site.where) });
  },

  Identity: (site) => site.operand(0),
  Dropout(site) {
    if (site.number(2)) site.refuse("it is in training mode; sabok imports inference models");
    return site.operand(0);
  },
  Cast(site) {
    const operand = site.operand(0);
    const toFloat = [1, 10, 11, 16].includes(site.int("to", 1));
    if (operand.kind === "stored") {
      const { shape, data } = operand.tensor;
      const tensor: StoredTensor = {
        shape,
        isInteger: !toFloat,
        data: toFloat ? data : data.map(Math.trunc),
      };
      return { kind: "stored", name: operand.name, tensor, as: "constant" };
    }
    if (toFloat && operand.whole) site.refuse("it rounds computed numbers, which sabok has no operator for");
    return toFloat ? operand : { kind: "value", value: operand.value, whole: true };
  },
  Constant(site) {
    const floats = (numbers: readonly number[], shape: Shape, isInteger: boolean): StoredTensor => ({
      shape,
      data: Float32Array.from(numbers),
      isInteger,
    });
    const many = site.floats("value_floats");
    const whole = site.ints("value_ints");
    let tensor = site.tensor("value");
    if (site.hasAttribute("value_float")) tensor = floats([site.float("value_float", 0)], [], false);
    else if (site.hasAttribute("value_int")) tensor = floats([site.int("value_int", 0)], [], true);
    else if (many && site.hasAttribute("value_floats")) tensor = floats(many, [many.length], false);
    else if (whole && site.hasAttribute("value_ints")) tensor = floats(whole, [whole.length], true);
    return {
      kind: "stored",
      name: site.node.output[0]!,
      tensor: tensor ?? site.refuse("it holds no numbers"),
      as: "constant",
    };
  },
};

/** Axes counted from the front; undefined where none are given. */
function axesOf(site: ImportSite, axes: readonly number[] | undefined, rank: number): number[] | undefined {
  const normalized = axes?.map((axis) => normalizeAxis(axis, rank, site.where));
  if (normalized && new Set(normalized).size < normalized.length)
    site.refuse(`its axes [${axes}] name one twice`);
  return normalized;
}
