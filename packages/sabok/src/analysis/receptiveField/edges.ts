// For one operand of an operator: what becomes of its two spatial axes, and which positions the result reads along each.
import { normalizeAxis, type Shape } from "../../core/index.ts";
import { shapeOf, type Operator, type Padding, type Pair, type Value } from "../../graph/index.ts";
import { opTable } from "../../ops/index.ts";
import {
  identityTaps,
  partTaps,
  repeatTaps,
  resizeTaps,
  transposedTaps,
  windowTaps,
  type Taps,
} from "./taps.ts";

/** The tensor axes that run down and across the image; −1 where an axis has been summed away. */
export type SpatialAxes = readonly [vertical: number, horizontal: number];

/** The axis of the result and how it is read; "all": every result reads the whole axis, as which it lives on, or nowhere. */
export type AxisEdge = { readonly axis: number; readonly taps: Taps | "all" } | "all";
export type Edge = readonly [vertical: AxisEdge, horizontal: AxisEdge];

/** How `value` reads its operand of the given position, whose spatial axes are `axes`. */
export function edgeOf(value: Value, operand: number, axes: SpatialAxes): Edge {
  const rule = rules[value.op] ?? (isElementwise(value, operand) ? elementwise : windowed);
  const along = (k: 0 | 1): AxisEdge => (axes[k] < 0 ? "all" : rule({ value, operand, axis: axes[k] }));
  return [along(0), along(1)];
}

interface Reading {
  readonly value: Value;
  readonly operand: number;
  /** Of the operand. */
  readonly axis: number;
}

type Rule = (reading: Reading) => AxisEdge;

const same = (axis: number): AxisEdge => ({ axis, taps: identityTaps });

/** Broadcasting aligns shapes at their ends; an axis of one pixel is repeated. */
const elementwise: Rule = ({ value, operand, axis }) => {
  const from = shapeOf(value.inputs[operand]!);
  const to = shapeOf(value);
  const target = axis + to.length - from.length;
  return { axis: target, taps: from[axis] === to[target] ? identityTaps : repeatTaps };
};

/** The operator's window over [N,C,H,W]; whatever else it does, it may read all. */
const windowed: Rule = ({ value, operand, axis }) => {
  const spec: Operator | undefined = opTable[value.op];
  const window =
    operand === 0
      ? spec?.window?.(
          value.inputs.map(({ type }) => type),
          value.attrs,
        )
      : undefined;
  if (!window || window === "global" || (axis !== 2 && axis !== 3) || poolsWholeMap(value)) return "all";
  const k = axis - 2;
  const taps = (window.transposed ? transposedTaps : windowTaps)(
    window.kernel[k]!,
    window.stride[k]!,
    window.dilation[k]!,
    window.padding[k]!,
  );
  return { axis, taps };
};

/** Only the first operand is read place by place. */
const firstOperand: Rule = (reading) => (reading.operand === 0 ? elementwise(reading) : "all");

const reducing: Rule = ({ value, axis }) => {
  const x = shapeOf(value.inputs[0]!);
  const { axes, keepDims } = value.attrs as { axes: readonly number[]; keepDims: boolean };
  const reduced = axes.length === 0 ? [...x.keys()] : axes.map((a) => normalizeAxis(a, x.length, value.op));
  if (reduced.includes(axis)) return x[axis] === 1 && keepDims ? same(axis) : "all";
  return same(keepDims ? axis : axis - reduced.filter((a) => a < axis).length);
};

const mixedAlongAxis: Rule = (reading) => {
  const rank = shapeOf(reading.value).length;
  return normalizeAxis(reading.value.attrs["axis"] as number, rank, reading.value.op) === reading.axis
    ? { axis: reading.axis, taps: "all" }
    : same(reading.axis);
};

/** An axis outlives a reshape where as many elements stand behind it as before, and it is as long. */
const reshaping: Rule = ({ value, axis }) => {
  const from = shapeOf(value.inputs[0]!);
  const to = shapeOf(value);
  const behind = (shape: Shape, a: number): number =>
    shape.slice(a + 1).reduce((product, d) => product * d, 1);
  const target = to.findIndex((length, a) => length === from[axis] && behind(to, a) === behind(from, axis));
  return target < 0 ? "all" : same(target);
};

const rules: Readonly<Record<string, Rule>> = {
  batchNorm: firstOperand,
  biasAdd: firstOperand,
  dropout: firstOperand,
  sum: reducing,
  mean: reducing,
  product: reducing,
  reduceMax: reducing,
  softmax: mixedAlongAxis,
  logSoftmax: mixedAlongAxis,
  topKIndices: mixedAlongAxis,
  gatherElements: mixedAlongAxis,
  nonMaxSuppression: () => "all",
  argMax({ value, axis }) {
    const { axis: along, keepDims } = value.attrs as { axis: number; keepDims: boolean };
    const taken = normalizeAxis(along, shapeOf(value.inputs[0]!).length, "argMax");
    return taken === axis ? "all" : same(!keepDims && axis > taken ? axis - 1 : axis);
  },
  gather({ value, operand, axis }) {
    const along = normalizeAxis(value.attrs["axis"] as number, shapeOf(value.inputs[0]!).length, "gather");
    if (operand !== 0 || axis === along) return "all";
    return same(axis > along ? axis + shapeOf(value.inputs[1]!).length - 1 : axis);
  },
  reshape: reshaping,
  flatten: reshaping,
  sumTo: ({ value, axis }) => {
    const [from, to] = [shapeOf(value.inputs[0]!), shapeOf(value)];
    const target = axis + to.length - from.length;
    return target >= 0 && from[axis] === to[target] ? same(target) : "all";
  },
  transpose: ({ value, axis }) => same((value.attrs["permutation"] as readonly number[]).indexOf(axis)),
  linear: ({ value, operand, axis }) =>
    operand === 0 && axis !== shapeOf(value).length - 1 ? same(axis) : "all",
  matmul({ value, operand, axis }) {
    const rank = shapeOf(value.inputs[operand]!).length;
    const ahead = shapeOf(value).length - rank;
    const contracted =
      rank -
      ((value.attrs[operand === 0 ? "transposeA" : "transposeB"] === true) === (operand === 0) ? 2 : 1);
    if (axis === contracted) return "all";
    return same(axis < rank - 2 ? axis + ahead : shapeOf(value).length - (operand === 0 ? 2 : 1));
  },
  concat({ value, operand, axis }) {
    const along = normalizeAxis(value.attrs["axis"] as number, shapeOf(value).length, "concat");
    if (along !== axis) return same(axis);
    const length = (input: Value): number => shapeOf(input)[axis]!;
    const start = value.inputs.slice(0, operand).reduce((sum, input) => sum + length(input), 0);
    return { axis, taps: partTaps(start, length(value.inputs[operand]!), length(value)) };
  },
  slice({ value: { attrs }, axis }) {
    const [starts, steps] = [attrs["starts"], attrs["steps"]] as readonly (readonly number[])[];
    return { axis, taps: windowTaps(1, steps![axis]!, 1, -starts![axis]!) };
  },
  sliceGradient({ value: { attrs }, axis }) {
    const [starts, steps] = [attrs["starts"], attrs["steps"]] as readonly (readonly number[])[];
    return { axis, taps: transposedTaps(1, steps![axis]!, 1, -starts![axis]!) };
  },
  pad: ({ value, axis }) => ({
    axis,
    taps: windowTaps(1, 1, 1, (value.attrs["before"] as readonly number[])[axis]!),
  }),
  resize({ value, axis }) {
    if (axis !== 2 && axis !== 3) return same(axis);
    const { mode, coordinates, scale } = value.attrs as {
      mode: string;
      coordinates: string;
      scale: readonly number[];
    };
    const factor = scale[axis - 2];
    return {
      axis,
      taps: resizeTaps(shapeOf(value.inputs[0]!)[axis]!, shapeOf(value)[axis]!, {
        mode,
        coordinates,
        factor,
      }),
    };
  },
};

/** Operators that have no window: every result reads its own place, broadcast as NumPy does. */
function isElementwise(value: Value, operand: number): boolean {
  const spec: Operator | undefined = opTable[value.op];
  if (!spec || spec.window) return false;
  const [from, to] = [shapeOf(value.inputs[operand]!), shapeOf(value)];
  const ahead = to.length - from.length;
  return ahead >= 0 && from.every((length, axis) => length === to[axis + ahead] || length === 1);
}

/** Pooling with a window as large as the map is global pooling, however it is written. */
function poolsWholeMap({ op, attrs, inputs, type }: Value): boolean {
  if (op !== "averagePool2d" && op !== "maxPool2d") return false;
  const [, , height, width] = shapeOf(inputs[0]!) as [number, number, number, number];
  const [kernel, padding] = [attrs["kernel"] as Pair, attrs["padding"] as Padding];
  return (
    type.shape[2] === 1 &&
    type.shape[3] === 1 &&
    height * width > 1 &&
    kernel[0] - padding[0] >= height &&
    kernel[1] - padding[1] >= width
  );
}
