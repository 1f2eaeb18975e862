// Lowerings of pooling and resizing, which work on maps NHWC.
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import type { ResizeRule } from "../../ops/resizing.ts";
import { i32, ptr, type Arg, type Lowering } from "./lowering.ts";

type Pair = readonly [number, number];
type Quad = readonly [number, number, number, number];

interface Windows {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation?: Pair;
  readonly padding: Quad;
}

/** The 15 slots that every pooling kernel reads: H W C OH OW, then kernel, stride, dilation, padding. */
function geometry(x: Value, pooled: Value, { kernel, stride, dilation = [1, 1], padding }: Windows): Arg[] {
  const [, channels, height, width] = shapeOf(x) as Quad;
  const [, , outHeight, outWidth] = shapeOf(pooled) as Quad;
  return [height, width, channels, outHeight, outWidth, ...kernel, ...stride, ...dilation, ...padding].map(
    i32,
  );
}

function pointers(lowering: Lowering, ...values: readonly Value[]): Arg[] {
  return values.map((value) => ptr(lowering.of(value)));
}

/** How many rows all maps of a value have together. */
function rowCount(value: Value): number {
  const [images, , height] = shapeOf(value) as Quad;
  return images * height;
}

export function maxPool2d(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const windows = geometry(x, node, attributesOf(node, ops.maxPool2d));
  lowering.emit("maxPool", rowCount(node), [...pointers(lowering, x, node), ...windows]);
}

export function maxPool2dGradient(node: Value, lowering: Lowering): void {
  const [dy, x] = node.inputs as [Value, Value];
  const windows = geometry(x, dy, attributesOf(node, ops.maxPool2dGradient));
  lowering.emit("maxPoolGradient", shapeOf(x)[0]!, [...pointers(lowering, x, dy, node), ...windows]);
}

export function maxPool2dSelect(node: Value, lowering: Lowering): void {
  const [v, x] = node.inputs as [Value, Value];
  const windows = geometry(x, node, attributesOf(node, ops.maxPool2dSelect));
  lowering.emit("maxPoolSelect", shapeOf(x)[0]!, [...pointers(lowering, x, v, node), ...windows]);
}

export function averagePool2d(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const attrs = attributesOf(node, ops.averagePool2d);
  const windows = [...geometry(x, node, attrs), i32(attrs.countIncludePad ? 1 : 0)];
  lowering.emit("avgPool", rowCount(node), [...pointers(lowering, x, node), ...windows]);
}

export function averagePool2dGradient(node: Value, lowering: Lowering): void {
  const dy = node.inputs[0]!;
  const attrs = attributesOf(node, ops.averagePool2dGradient);
  const windows = [...geometry(node, dy, attrs), i32(attrs.countIncludePad ? 1 : 0)];
  lowering.emit("avgPoolGradient", rowCount(node), [...pointers(lowering, dy, node), ...windows]);
}

const resizeModes = { nearest: 0, bilinear: 1 } as const;
const resizeCoordinates = { asymmetric: 0, halfPixel: 1, alignCorners: 2 } as const;

/** The 11 slots of a resizing from x to y. */
function resizing(x: Value, y: Value, { mode, coordinates, scale }: ResizeRule): Arg[] {
  const [, channels, height, width] = shapeOf(x) as Quad;
  const [, , outHeight, outWidth] = shapeOf(y) as Quad;
  const sizes = [
    height,
    width,
    channels,
    outHeight,
    outWidth,
    resizeModes[mode],
    resizeCoordinates[coordinates],
  ];
  return [...sizes, ...[0, 1].flatMap((axis) => float64Slots(scale[axis] ?? 0))].map(i32);
}

/** A float64 as the two 32-bit integers of its bytes. */
function float64Slots(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

export function resize(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  lowering.emit("resize", rowCount(node), [
    ...pointers(lowering, x, node),
    ...resizing(x, node, attributesOf(node, ops.resize)),
  ]);
}

export function resizeGradient(node: Value, lowering: Lowering): void {
  const dy = node.inputs[0]!;
  const slots = resizing(node, dy, attributesOf(node, ops.resizeGradient));
  lowering.emit("resizeGradient", shapeOf(node)[0]!, [...pointers(lowering, node, dy), ...slots]);
}
