// How ONNX says sabok's operators that move numbers, choose among them or take them by index.
import { SabokError } from "../core/index.ts";
import { attributesOf, shapeOf } from "../graph/index.ts";
import {
  concat,
  gather,
  gatherElements,
  nonMaxSuppression,
  pad,
  reshape,
  scatterElements,
  scatterReduce,
  slice,
  transpose,
} from "../ops/index.ts";
import {
  castToFloat,
  castToInt64,
  flag,
  int,
  ints,
  same,
  string,
  type ExportRule,
  type ExportSite,
} from "./exportSite.ts";

export const exportTensors = {
  // A dimension of 1 keeps the operand's own, whatever the batch.
  broadcastTo: ({ inputs: [x], shape, list, result }) =>
    result("Expand", [x!, list(shape.map((dimension) => Math.max(dimension, 1)))]),

  reshape({ value, inputs: [x], shape, list, result }) {
    const given = attributesOf(value, reshape).shape;
    const from = shapeOf(value.inputs[0]!);
    // 0 copies the operand's dimension: what follows the batch, so that the one -1 there may be stays free.
    const to = shape.map((dimension, axis) =>
      dimension === -1 && given[axis] !== -1 && from[axis] === given[axis] ? 0 : dimension,
    );
    const open = to.includes(-1);
    result("Reshape", [
      x!,
      list(to.map((dimension, axis) => (!open && given[axis] === -1 ? -1 : dimension))),
    ]);
  },
  flatten: same("Flatten", { axis: int(1) }),
  transpose: ({ value, inputs, result }) =>
    result("Transpose", inputs, { perm: ints(attributesOf(value, transpose).permutation) }),
  concat: ({ value, inputs, result }) =>
    result("Concat", inputs, { axis: int(attributesOf(value, concat).axis) }),
  slice({ value, inputs: [x], list, result }) {
    const { starts, steps } = attributesOf(value, slice);
    const [from, to] = [shapeOf(value.inputs[0]!), shapeOf(value)];
    const cut = [...from.keys()].filter((axis) => from[axis] !== to[axis]);
    const ends = cut.map((axis) => starts[axis]! + (to[axis]! - 1) * steps[axis]! + 1);
    const pick = (values: readonly number[]) => list(cut.map((axis) => values[axis]!));
    if (cut.length === 0) result("Identity", [x!]);
    else result("Slice", [x!, pick(starts), list(ends), list(cut), pick(steps)]);
  },
  pad({ value, inputs: [x], list, scalar, result }) {
    const { before, after, value: filling } = attributesOf(value, pad);
    result("Pad", [x!, list([...before, ...after]), scalar(filling)]);
  },
  gather({ value, inputs: [x, indices], node, result }) {
    const { axis } = attributesOf(value, gather);
    result("Gather", [x!, node("Cast", [indices!], castToInt64)], { axis: int(axis) });
  },
  gatherElements({ value, inputs: [x, indices], node, result }) {
    const { axis } = attributesOf(value, gatherElements);
    result("GatherElements", [x!, node("Cast", [indices!], castToInt64)], { axis: int(axis) });
  },
  scatterElements: scattered,
  scatterReduce: scattered,
  // ONNX gives as many rows as boxes stay; rows of −1 are put after them.
  nonMaxSuppression({ value, inputs, shape, list, scalar, node, result }) {
    const { most, overlap, score, centred } = attributesOf(value, nonMaxSuppression);
    const [rows] = shape;
    if (rows === -1)
      throw new SabokError(
        `nonMaxSuppression "${value.name}": the rows it gives follow the batch; export it with batch: "fixed".`,
      );
    const bounds = [list([most]), scalar(overlap), ...(score === -Infinity ? [] : [scalar(score)])];
    const kept = node("NonMaxSuppression", [...inputs, ...bounds], { center_point_box: flag(centred) });
    const count = node("Slice", [node("Shape", [kept]), list([0]), list([1])]);
    const missing = node("Sub", [list([rows!]), count]);
    const pads = node("Concat", [list([0, 0]), missing, list([0])], { axis: int(0) });
    const minus = node("Squeeze", [list([-1]), list([0])]);
    result("Cast", [node("Pad", [kept, pads, minus])], castToFloat);
  },
} satisfies Readonly<Record<string, ExportRule>>;

function scattered({ value, inputs: [x, indices, updates], node, result }: ExportSite): void {
  const { axis, reduction } =
    value.op === scatterReduce.name
      ? attributesOf(value, scatterReduce)
      : attributesOf(value, scatterElements);
  const attrs = { axis: int(axis), reduction: string(reduction) };
  result("ScatterElements", [x!, node("Cast", [indices!], castToInt64), updates!], attrs);
}
