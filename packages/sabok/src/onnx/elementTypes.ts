// The element types of tensor files, read from little-endian bytes into the arrays sabok computes with.
import type { TensorData } from "../core/index.ts";
import { bfloat16, float16 } from "./halfFloat.ts";

export type ElementType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool";

interface Reading {
  readonly bytes: number;
  /** The array the numbers go into: one that holds them all exactly, but for 64-bit integers beyond 2^53. */
  readonly array: new (length: number) => TensorData;
  readonly at: (view: DataView, offset: number) => number;
}

export const elementTypes: Readonly<Record<ElementType, Reading>> = {
  float32: { bytes: 4, array: Float32Array, at: (view, offset) => view.getFloat32(offset, true) },
  float64: { bytes: 8, array: Float64Array, at: (view, offset) => view.getFloat64(offset, true) },
  float16: { bytes: 2, array: Float32Array, at: (view, offset) => float16(view.getUint16(offset, true)) },
  bfloat16: { bytes: 2, array: Float32Array, at: (view, offset) => bfloat16(view.getUint16(offset, true)) },
  int8: { bytes: 1, array: Int32Array, at: (view, offset) => view.getInt8(offset) },
  int16: { bytes: 2, array: Int32Array, at: (view, offset) => view.getInt16(offset, true) },
  int32: { bytes: 4, array: Int32Array, at: (view, offset) => view.getInt32(offset, true) },
  int64: { bytes: 8, array: Float64Array, at: (view, offset) => Number(view.getBigInt64(offset, true)) },
  uint8: { bytes: 1, array: Int32Array, at: (view, offset) => view.getUint8(offset) },
  uint16: { bytes: 2, array: Int32Array, at: (view, offset) => view.getUint16(offset, true) },
  uint32: { bytes: 4, array: Float64Array, at: (view, offset) => view.getUint32(offset, true) },
  uint64: { bytes: 8, array: Float64Array, at: (view, offset) => Number(view.getBigUint64(offset, true)) },
  bool: { bytes: 1, array: Int32Array, at: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
};

/**
 * The numbers in the bytes, whose length must be a multiple of the element's. Those of float32 that stand at a whole number
 * are the bytes themselves, not a copy: a model's megabytes are then read once.
 */
export function readElements(type: ElementType, bytes: Uint8Array): TensorData {
  const { bytes: width, array, at } = elementTypes[type];
  if (type === "float32") {
    const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
    return new Float32Array(buffer, byteOffset, length / width);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new array(bytes.length / width);
  for (let i = 0; i < numbers.length; i++) numbers[i] = at(view, i * width);
  return numbers;
}

/** The numbers' own little-endian bytes, as a view. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
