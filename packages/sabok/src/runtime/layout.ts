// Between the logical order of a value (row-major, NCHW) and the wasm backend's: rank-4 values lie NHWC, all others row-major.
import { sizeOf, type Shape, type TensorData } from "../core/index.ts";

/** Whether a value's two orders differ. */
function isPermuted(shape: Shape): boolean {
  return shape.length === 4 && shape[1]! > 1 && shape[2]! * shape[3]! > 1;
}

/** Writes row-major data of a shape into memory in the backend's order. */
export function writeValue(memory: Float32Array, at: number, shape: Shape, data: TensorData): void {
  if (!isPermuted(shape)) {
    memory.set(data, at);
    return;
  }
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      spread(memory, at + n * area * channels + c, channels, data, (n * channels + c) * area, area);
}

/** One channel's map into memory. A function of its own, so that the engine soon compiles the loop. */
function spread(
  memory: Float32Array,
  at: number,
  stride: number,
  data: TensorData,
  from: number,
  count: number,
): void {
  for (let i = 0, to = at; i < count; i++, to += stride) memory[to] = data[from + i]!;
}

/** Reads a value out of memory into a new row-major array. */
export function readValue<Data extends Float32Array | Float64Array>(
  memory: Float32Array,
  at: number,
  shape: Shape,
  make: (size: number) => Data,
): Data {
  const size = sizeOf(shape);
  const data = make(size);
  if (!isPermuted(shape)) {
    data.set(memory.subarray(at, at + size));
    return data;
  }
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const to = (n * channels + c) * area;
      let from = at + n * area * channels + c;
      for (let i = 0; i < area; i++, from += channels) data[to + i] = memory[from]!;
    }
  return data;
}
