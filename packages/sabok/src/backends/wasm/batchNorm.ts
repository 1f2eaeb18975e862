// Lowerings of batch norm. Its kernels work on rows [N·H·W][C]; values that do not lie so (rank 3, rank 5) are brought
// into that order and back.
import { sizeOf } from "../../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../../graph/index.ts";
import * as ops from "../../ops/index.ts";
import { copyBox, transposeBox } from "./box.ts";
import { activationCodes } from "./elementwise.ts";
import { f32, i32, nullPointer, ptr, type Arg, type Lowering, type Storage } from "./lowering.ts";
import { channelBlocks, paddedChannels } from "./reduce.ts";

/** [images, rows of one image, channels] of a value [N,C,…]. */
function extent(value: Value): { images: number; area: number; rows: number; channels: number } {
  const [images, channels, ...rest] = shapeOf(value) as [number, number, ...number[]];
  const area = sizeOf(rest);
  return { images, area, rows: images * area, channels };
}

/** Whether a value lies as rows of channels already. */
function isRows(value: Value): boolean {
  const { area, channels } = extent(value);
  return shapeOf(value).length === 4 || area === 1 || channels === 1;
}

/** A value's data as rows of channels. */
function rowsOf(value: Value, lowering: Lowering): Storage {
  if (isRows(value)) return lowering.of(value);
  const { images, area, channels } = extent(value);
  const rows = lowering.temporary(4 * sizeOf(shapeOf(value)));
  copyBox(lowering, transposeBox(images, channels, area), lowering.of(value), rows);
  return rows;
}

/** Lets `emit` write a value as rows of channels. */
function writeRows(value: Value, lowering: Lowering, emit: (target: Storage) => void): void {
  if (isRows(value)) {
    emit(lowering.of(value));
    return;
  }
  const { images, area, channels } = extent(value);
  const rows = lowering.temporary(4 * sizeOf(shapeOf(value)));
  emit(rows);
  copyBox(lowering, transposeBox(images, area, channels), rows, lowering.of(value));
}

/** Rows that make one partial sum; a function of the number of rows alone. */
function rowsPerGroup(rows: number): number {
  return Math.max(64, Math.ceil(rows / 64 / 4) * 4);
}

/** Rows of one unit of the kernels without sums: about 8,192 elements, an even number. */
function rowsPerUnit(channels: number): number {
  return 2 * Math.max(1, Math.round(4096 / channels));
}

/** Mean and variance of x's channels in one reading of x; either may be left out. */
function moments(x: Value, mean: Arg, variance: Arg, lowering: Lowering): void {
  const { rows, channels } = extent(x);
  const group = rowsPerGroup(rows);
  const groups = Math.ceil(rows / group);
  const width = paddedChannels(channels);
  const partials = lowering.temporary(16 * groups * width);
  const geometry = [i32(rows), i32(channels), i32(group)];
  lowering.emit(
    "batchNormMoments",
    groups,
    [ptr(rowsOf(x, lowering)), ptr(partials), ...geometry],
    8 * width,
  );
  lowering.emit(
    "batchNormMomentsFinish",
    channelBlocks(channels),
    [ptr(partials), mean, variance, ...geometry],
    1024,
  );
}

/** batchMean and batchVariance of one value are computed together, whichever comes first. */
function lowerMoments(node: Value, lowering: Lowering): void {
  const x = node.inputs[0]!;
  const [mean, variance] = ["batchMean", "batchVariance"].map((op) =>
    node.op === op ? node : lowering.usersOf(x).find((user) => user.op === op),
  );
  const pointer = (value: Value | undefined): Arg => (value ? ptr(lowering.of(value)) : nullPointer);
  moments(x, pointer(mean), pointer(variance), lowering);
  for (const value of [mean, variance]) if (value && value !== node) lowering.alsoFills(value);
}

export const batchMean = lowerMoments;
export const batchVariance = lowerMoments;

export function batchNorm(node: Value, lowering: Lowering): void {
  const [x, scale, offset, mean, variance] = node.inputs as [Value, Value, Value, Value, Value];
  const { activation, slope, epsilon } = attributesOf(node, ops.batchNorm);
  const { rows, channels } = extent(x);
  const unit = rowsPerUnit(channels);
  const from = rowsOf(x, lowering);
  const vectors = [mean, variance, scale, offset].map((value) => ptr(lowering.of(value)));
  const rest = [
    i32(rows),
    i32(channels),
    i32(unit),
    i32(activationCodes[activation]),
    f32(slope),
    f32(epsilon),
  ];
  writeRows(node, lowering, (to) =>
    lowering.emit(
      "batchNormApply",
      Math.ceil(rows / unit),
      [ptr(from), ptr(to), ...vectors, ...rest],
      4 * paddedChannels(channels),
    ),
  );
}

export function batchNormGradientSums(node: Value, lowering: Lowering): void {
  const [dy, x, scale, offset, mean, variance] = node.inputs as [Value, Value, Value, Value, Value, Value];
  const { activation, slope, epsilon } = attributesOf(node, ops.batchNormGradientSums);
  const { rows, channels } = extent(x);
  const group = rowsPerGroup(rows);
  const groups = Math.ceil(rows / group);
  const width = paddedChannels(channels);
  const partials = lowering.temporary(16 * groups * width);
  const operands = [rowsOf(x, lowering), rowsOf(dy, lowering)].map((storage) => ptr(storage));
  const vectors = [mean, variance, scale, offset].map((value) => ptr(lowering.of(value)));
  const rest = [
    i32(rows),
    i32(channels),
    i32(group),
    i32(activationCodes[activation]),
    f32(slope),
    f32(epsilon),
  ];
  lowering.emit(
    "batchNormGradientSums",
    groups,
    [...operands, ...vectors, ptr(partials), ...rest],
    12 * width,
  );
  const sums = lowering.of(node);
  lowering.emit("batchNormGradientFinish", channelBlocks(channels), [
    ptr(partials),
    ptr(lowering.of(variance)),
    ptr(sums),
    ptr(sums, 4 * channels),
    i32(groups),
    i32(channels),
    f32(epsilon),
  ]);
}

export function batchNormInputGradient(node: Value, lowering: Lowering): void {
  const [dy, x, scale, offset, mean, variance, sums] = node.inputs as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const { activation, slope, epsilon } = attributesOf(node, ops.batchNormInputGradient);
  const { rows, channels } = extent(x);
  const unit = rowsPerUnit(channels);
  const operands = [rowsOf(x, lowering), rowsOf(dy, lowering)].map((storage) => ptr(storage));
  const vectors = [mean, variance, scale, offset].map((value) => ptr(lowering.of(value)));
  const sumRows = [ptr(lowering.of(sums)), ptr(lowering.of(sums), 4 * channels)];
  const rest = [
    i32(rows),
    i32(channels),
    i32(unit),
    i32(activationCodes[activation]),
    f32(slope),
    f32(epsilon),
  ];
  writeRows(node, lowering, (to) =>
    lowering.emit(
      "batchNormGradient",
      Math.ceil(rows / unit),
      [...operands, ...vectors, ...sumRows, ptr(to), ...rest],
      12 * paddedChannels(channels),
    ),
  );
}

export function movingAverage(node: Value, lowering: Lowering): void {
  const { momentum, correction } = attributesOf(node, ops.movingAverage);
  const operands = [...node.inputs, node].map((value) => ptr(lowering.of(value)));
  lowering.emit("movingAverage", 1, [
    ...operands,
    i32(sizeOf(shapeOf(node))),
    f32(momentum),
    f32(correction),
  ]);
}
