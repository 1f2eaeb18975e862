// How ONNX's nodes say stride, dilation and padding of a sliding window.
import { formatShape } from "../core/index.ts";
import { shapeOf, type Padding, type Pair, type Value, mapSizeOf } from "../graph/index.ts";
import { rowsAndColumns } from "./importMap.ts";
import type { ImportSite } from "./importSite.ts";

/** Stride, dilation and padding of a sliding window, auto_pad resolved. */
export function windowOf(
  site: ImportSite,
  x: Value,
  kernel: Pair,
): { stride: Pair; dilation: Pair; padding: Padding } {
  const { stride, dilation } = steps(site, kernel);
  const automatic = site.choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
  if (automatic === "NOTSET") return { stride, dilation, padding: padsOf(site) };
  if (automatic === "VALID") return { stride, dilation, padding: [0, 0, 0, 0] };
  const totals = rowsAndColumns.map((axis) => {
    const length = mapSizeOf(x)[axis];
    const covered =
      (Math.ceil(length / stride[axis]) - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(covered - length, 0);
  });
  return { stride, dilation, padding: shared(totals, automatic === "SAME_UPPER") };
}

function steps(site: ImportSite, kernel: Pair): { stride: Pair; dilation: Pair } {
  const given = pair(site, "kernel_shape");
  if (given && given.some((length, axis) => length !== kernel[axis as 0 | 1]))
    site.refuse(`kernel_shape is ${formatShape(given)}, but its weight is ${formatShape(kernel)}`);
  return { stride: pair(site, "strides") ?? [1, 1], dilation: pair(site, "dilations") ?? [1, 1] };
}

function padsOf(site: ImportSite): Padding {
  const pads = site.ints("pads") ?? [0, 0, 0, 0];
  if (pads.length === 2 && shapeOf(site.value(0)).length === 3) return [0, pads[0]!, 0, pads[1]!];
  if (pads.length !== 4) site.refuse(`pads is ${formatShape(pads)}, expected four numbers`);
  const [top, left, bottom, right] = pads;
  return [top!, left!, bottom!, right!];
}

/** A total padding of each axis on its two sides; the odd pixel goes to the end, or to the beginning. */
function shared([rows, columns]: readonly number[], oddToEnd: boolean): Padding {
  const before = (total: number): number => (oddToEnd ? Math.floor(total / 2) : Math.ceil(total / 2));
  const [top, left] = [before(rows!), before(columns!)];
  return [top, left, rows! - top, columns! - left];
}

/** Stride, dilation, padding and result size of a transposed convolution, by the formulas of ONNX's ConvTranspose. */
export function transposedWindowOf(
  site: ImportSite,
  x: Value,
  kernel: Pair,
): { stride: Pair; dilation: Pair; padding: Padding; size: Pair } {
  const { stride, dilation } = steps(site, kernel);
  const automatic = site.choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
  const extra = pair(site, "output_padding", 0) ?? [0, 0];
  const wanted =
    outputShapeOf(site) ??
    (automatic.startsWith("SAME")
      ? rowsAndColumns.map((axis) => mapSizeOf(x)[axis] * stride[axis])
      : undefined);
  const uncut = rowsAndColumns.map(
    (axis) => (mapSizeOf(x)[axis] - 1) * stride[axis] + extra[axis] + dilation[axis] * (kernel[axis] - 1) + 1,
  );
  if (wanted) {
    const totals = rowsAndColumns.map((axis) => Math.max(uncut[axis]! - wanted[axis]!, 0));
    return {
      stride,
      dilation,
      padding: shared(totals, automatic === "SAME_UPPER"),
      size: [wanted[0]!, wanted[1]!],
    };
  }
  const padding: Padding = automatic === "VALID" ? [0, 0, 0, 0] : padsOf(site);
  return {
    stride,
    dilation,
    padding,
    size: [uncut[0]! - padding[0] - padding[2], uncut[1]! - padding[1] - padding[3]],
  };
}

/** The last two numbers of output_shape, which may be given for all axes. */
function outputShapeOf(site: ImportSite): readonly number[] | undefined {
  const shape = site.ints("output_shape");
  if (shapeOf(site.value(0)).length === 3 && shape) return [1, shape.at(-1)!];
  if (shape && shape.length !== 2 && shape.length !== 4)
    site.refuse(`output_shape is ${formatShape(shape)}, expected [H,W]`);
  return shape?.slice(-2);
}

/** Padding that ends where a last window, rounded up, does. */
export function roundedUp(
  x: Value,
  kernel: Pair,
  { stride, dilation, padding }: { stride: Pair; dilation: Pair; padding: Padding },
): Padding {
  const [bottom, right] = rowsAndColumns.map((axis) => {
    const extent = dilation[axis] * (kernel[axis] - 1) + 1;
    const [before, after] = [padding[axis], padding[axis + 2]!];
    const length = mapSizeOf(x)[axis];
    const count = Math.ceil((length + before + after - extent) / stride[axis]) + 1;
    const isDropped = (count - 1) * stride[axis] >= length + before;
    return Math.max((count - (isDropped ? 2 : 1)) * stride[axis] + extent - length - before, after);
  });
  return [padding[0], padding[1], bottom!, right!];
}

/** A list of two numbers; that of a line, with one, is given its row. */
export function pair(site: ImportSite, name: string, ofRow = 1): Pair | undefined {
  const list = site.ints(name);
  if (list?.length === 1 && shapeOf(site.value(0)).length === 3) return [ofRow, list[0]!];
  if (list && list.length !== 2) site.refuse(`${name} is ${formatShape(list)}, expected two numbers`);
  return list && [list[0]!, list[1]!];
}
