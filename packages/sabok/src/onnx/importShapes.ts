// ONNX's operators that move numbers without changing them.
import { broadcastShapes, normalizeAxis, sizeOf, type Shape } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import { broadcastTo, concat, flatten, pad, reshape, slice, transpose } from "../ops/index.ts";
import { pickAlong } from "./importMap.ts";
import type { ImportRule, ImportSite, ImportedTensor } from "./importSite.ts";

/** The element that fills position i of an axis, which may lie before 0 or after the last. */
const sourceOf = {
  edge: (i: number, length: number) => Math.min(Math.max(i, 0), length - 1),
  wrap: (i: number, length: number) => ((i % length) + length) % length,
  reflect(i: number, length: number) {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const at = ((i % period) + period) % period;
    return at < length ? at : period - at;
  },
};

export const importShapes: Readonly<Record<string, ImportRule>> = {
  Reshape(site) {
    const x = site.value(0);
    const to = site.intsOr("shape", 1) ?? site.refuse("it has no shape");
    const copies = site.int("allowzero", 0) === 0;
    const shape = to.map((dimension, axis) =>
      dimension === 0 && copies ? (shapeOf(x)[axis] ?? 0) : dimension,
    );
    if (shape.includes(0) && sizeOf(shapeOf(x)) === 0) return emptyAs(site, shape, shapeOf(x));
    if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < -1 || dimension === 0))
      site.refuse(`its shape is [${to}]`);
    return site.apply(reshape, [x], { shape: withOpenBatch(shapeOf(x), shape) });
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
    const parts = site.values();
    const filled = parts.filter((part) => sizeOf(shapeOf(part)) > 0);
    if (filled.length === 0) return parts[0] ?? site.refuse("it has no operands");
    return site.apply(concat, filled, { axis: site.int("axis", 1) });
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
    let backwards = x;
    for (const [i, axis] of axes.entries()) {
      const [length, stride] = [shape[axis]!, strides[i]!];
      if (!Number.isSafeInteger(stride) || stride === 0)
        site.refuse(`its step along axis ${axis} is ${stride}`);
      // Going backwards, -1 is the place before the first element.
      const [least, most] = stride > 0 ? [0, length] : [-1, length - 1];
      const within = (index: number): number =>
        Math.min(Math.max(index < 0 ? index + length : index, least), most);
      const [from, to] = [within(first[i]!), within(last[i]!)];
      const count = Math.max(Math.ceil((to - from) / stride), 0);
      sizes[axis] = count;
      if (stride < 0 && count > 0)
        backwards = pickAlong(
          site,
          backwards,
          axis,
          Array.from({ length: count }, (_, k) => from + k * stride),
        );
      else [starts[axis], steps[axis]] = [from, stride];
    }
    if (sizes.includes(0)) return site.numbersOf(sizes, new Float64Array(0), site.type(0));
    const isWhole = sizes.every((size, axis) => size === shapeOf(backwards)[axis]);
    return isWhole
      ? backwards
      : site.apply(slice, [backwards], { starts, sizes: openWhole(sizes, backwards), steps });
  },
  Pad(site) {
    let x = site.value(0);
    const shape = shapeOf(x);
    const mode = site.choice("mode", "constant", "reflect", "edge", "wrap");
    const pads = site.intsOr("pads", 1) ?? site.intsOr("paddings", 1) ?? site.refuse("it has no pads");
    const axes = axesOf(site, site.numbers(3), shape.length) ?? [...shape.keys()];
    if (pads.length !== 2 * axes.length) site.refuse(`it has ${pads.length} pads for ${axes.length} axes`);
    const [before, after] = [shape.map(() => 0), shape.map(() => 0)];
    for (const [i, axis] of axes.entries()) [before[axis], after[axis]] = [pads[i]!, pads[i + axes.length]!];
    if ([...before, ...after].some((n) => !Number.isSafeInteger(n))) site.refuse(`its pads are [${pads}]`);
    if (mode !== "constant") {
      for (const [axis, length] of shape.entries()) {
        const count = before[axis]! + length + after[axis]!;
        if (count < 1) site.refuse(`it leaves nothing along axis ${axis}`);
        site.expectFeasible(count);
        const indices = Array.from({ length: count }, (_, i) => sourceOf[mode](i - before[axis]!, length));
        x = pickAlong(site, x, axis, indices);
      }
      return x;
    }
    if ([...before, ...after].every((n) => n === 0)) return x;
    // A negative pad cuts.
    const cut = [...before.keys()].filter((axis) => before[axis]! < 0 || after[axis]! < 0);
    if (cut.length > 0) {
      const starts = before.map((n) => Math.max(-n, 0));
      const sizes = shape.map((length, axis) => length - starts[axis]! - Math.max(-after[axis]!, 0));
      x = site.apply(slice, [x], { starts, sizes: openWhole(sizes, x), steps: shape.map(() => 1) });
    }
    return site.apply(pad, [x], {
      before: before.map((n) => Math.max(n, 0)),
      after: after.map((n) => Math.max(n, 0)),
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

  Split(site) {
    const x = site.value(0);
    const shape = shapeOf(x);
    const axis = normalizeAxis(site.int("axis", 0), shape.length, site.where);
    const count = site.node.output.length;
    const length = shape[axis]!;
    const each = Math.ceil(length / site.int("num_outputs", count));
    const even = Array.from({ length: count }, (_, i) => Math.min(each, length - i * each));
    const sizes = site.intsOr("split", 1) ?? even;
    if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== length)
      site.refuse(`it splits axis ${axis} of [${shape}] into [${sizes}] for ${count} outputs`);
    let start = 0;
    return sizes.map((size) => {
      const starts = shape.map((_, i) => (i === axis ? start : 0));
      start += size;
      const part = shape.map((dimension, i) => (i === axis ? size : dimension));
      if (size === 0) return site.numbersOf(part, new Float64Array(0), site.type(0));
      // −1 takes a whole axis, whatever its length becomes.
      const taken = part.map((dimension, i) => (i === axis ? dimension : -1));
      return site.apply(slice, [x], { starts, sizes: taken, steps: shape.map(() => 1) });
    });
  },
  Tile(site) {
    let x = site.value(0);
    const repeats = site.numbers(1) ?? site.refuse("it has no repeats");
    if (repeats.length !== shapeOf(x).length)
      site.refuse(`it has ${repeats.length} repeats for [${shapeOf(x)}]`);
    if (repeats.some((times) => !Number.isSafeInteger(times) || times < 1 || times > 65536))
      site.refuse(`its repeats are [${repeats}]`);
    for (const [axis, times] of repeats.entries())
      if (times !== 1)
        x = site.apply(
          concat,
          Array.from({ length: times }, () => x),
          { axis },
        );
    return x;
  },
  DepthToSpace(site) {
    const x = site.value(0);
    const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const block = site.int("blocksize", 1);
    const depth = channels / block ** 2;
    const isDepthFirst = site.choice("mode", "DCR", "CRD") === "DCR";
    const [split, permutation] = isDepthFirst
      ? [
          [block, block, depth],
          [0, 3, 4, 1, 5, 2],
        ]
      : [
          [depth, block, block],
          [0, 1, 4, 2, 5, 3],
        ];
    const parts = site.apply(reshape, [x], { shape: [-1, ...split, height, width] });
    return site.apply(reshape, [site.apply(transpose, [parts], { permutation })], {
      shape: [-1, depth, height * block, width * block],
    });
  },
  SpaceToDepth(site) {
    const x = site.value(0);
    const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const block = site.int("blocksize", 1);
    const [rows, columns] = [height / block, width / block];
    const parts = site.apply(reshape, [x], { shape: [-1, channels, rows, block, columns, block] });
    return site.apply(reshape, [site.apply(transpose, [parts], { permutation: [0, 3, 5, 1, 2, 4] })], {
      shape: [-1, channels * block ** 2, rows, columns],
    });
  },
};

/** A value without elements under another shape. */
function emptyAs(site: ImportSite, shape: Shape, from: Shape): ImportedTensor {
  const known = sizeOf(shape.filter((dimension) => dimension > 0));
  const open = shape.includes(-1) && known > 0 ? Math.floor(sizeOf(from) / known) : 0;
  const resolved = shape.map((dimension) => (dimension === -1 ? open : dimension));
  return site.numbersOf(resolved, new Float64Array(0), site.type(0));
}

/** The sizes of a slice; −1 for an axis that is taken whole, so that it holds for any batch. */
function openWhole(sizes: Shape, x: Value): Shape {
  return sizes.map((size, axis) => (size === shapeOf(x)[axis] ? -1 : size));
}

/** A new shape that keeps the first dimension is given with −1 there, so that it holds for any batch. */
function withOpenBatch(from: Shape, shape: Shape): Shape {
  const [first, ...rest] = shape;
  if (shape.length < 2 || first !== from[0] || first === 1) return shape;
  const known = sizeOf(rest.filter((dimension) => dimension !== -1));
  const whole = sizeOf(from) / first / known;
  return Number.isInteger(whole)
    ? [-1, ...rest.map((dimension) => (dimension === -1 ? whole : dimension))]
    : shape;
}

/** Axes counted from the front; undefined where none are given. */
function axesOf(site: ImportSite, axes: readonly number[] | undefined, rank: number): number[] | undefined {
  const normalized = axes?.map((axis) => normalizeAxis(axis, rank, site.where));
  if (normalized && new Set(normalized).size < normalized.length)
    site.refuse(`its axes [${axes}] name one twice`);
  return normalized;
}
