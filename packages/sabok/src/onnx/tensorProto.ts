// Tensors as ONNX stores them.
import { SabokError, formatShape, sizeOf, type Shape, type Tensor, type TensorData } from "../core/index.ts";
import { bytesOf, elementTypes, readElements, type ElementType } from "./elementTypes.ts";
import { bfloat16, float16 } from "./halfFloat.ts";
import type { Message, MessageInit } from "./schema.ts";

/** TensorProto.DataType. */
export const dataTypes = { float: 1, int64: 7 } as const;

/** A tensor whose numbers are in the file. */
export interface StoredTensor extends Tensor {
  readonly isInteger: boolean;
}

interface Storage {
  readonly type: ElementType;
  /** The field that holds the numbers where rawData does not. */
  readonly field: "floatData" | "doubleData" | "int32Data" | "int64Data" | "uint64Data";
  /** What a number of that field means, where it is not the number itself. */
  readonly decode?: (bits: number) => number;
}

const storages: Readonly<Record<number, Storage>> = {
  1: { type: "float32", field: "floatData" },
  2: { type: "uint8", field: "int32Data" },
  3: { type: "int8", field: "int32Data" },
  4: { type: "uint16", field: "int32Data" },
  5: { type: "int16", field: "int32Data" },
  6: { type: "int32", field: "int32Data" },
  7: { type: "int64", field: "int64Data" },
  9: { type: "bool", field: "int32Data" },
  10: { type: "float16", field: "int32Data", decode: float16 },
  11: { type: "float64", field: "doubleData" },
  12: { type: "uint32", field: "uint64Data" },
  13: { type: "uint64", field: "uint64Data" },
  16: { type: "bfloat16", field: "int32Data", decode: bfloat16 },
};

/** The name of an element type in messages. */
export function dataTypeName(dataType: number): string {
  return storages[dataType]?.type ?? `type ${dataType}`;
}

/** A tensor as float32. */
export function encodeFloats(
  name: string,
  { shape, data }: Tensor,
  docString?: string,
): MessageInit<"TensorProto"> {
  const floats = data instanceof Float32Array ? data : Float32Array.from(data);
  return {
    name,
    dims: shape,
    dataType: dataTypes.float,
    rawData: bytesOf(floats),
    ...(docString === undefined ? {} : { docString }),
  };
}

/** A list of int64. */
export function encodeIntegers(name: string, integers: readonly number[]): MessageInit<"TensorProto"> {
  return { name, dims: [integers.length], dataType: dataTypes.int64, rawData: bytesOf64(integers) };
}

/** The numbers of a TensorProto; throws SabokError where its type is none of numbers or its size is not its shape's. */
export function decodeTensor(proto: Message<"TensorProto">, where: string): StoredTensor {
  const storage = storages[proto.dataType ?? 0];
  if (!storage)
    throw new SabokError(`${where} has element type ${proto.dataType ?? 0}, which is none of plain numbers.`);
  if (proto.dataLocation === 1)
    throw new SabokError(
      `${where} keeps its data in another file, which sabok does not read; save the model with its weights inside.`,
    );
  const shape = checkedDims(proto.dims, where);
  const data = proto.rawData
    ? rawNumbers(proto.rawData, shape, storage.type, where)
    : listedNumbers(proto, shape, storage, where);
  return { shape, data, isInteger: !/float/.test(storage.type) };
}

function checkedDims(dims: readonly number[], where: string): Shape {
  if (
    dims.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0) ||
    !Number.isSafeInteger(sizeOf(dims))
  )
    throw new SabokError(
      `${where} has shape ${formatShape(dims)}; its dimensions must be whole numbers of at least 0. The file is damaged.`,
    );
  return dims;
}

function rawNumbers(raw: Uint8Array, shape: Shape, type: ElementType, where: string): TensorData {
  const expected = sizeOf(shape) * elementTypes[type].bytes;
  if (raw.length !== expected)
    throw new SabokError(
      `${where} of shape ${formatShape(shape)} and type ${type} takes ${expected} bytes, but the file has ${raw.length}.`,
    );
  return readElements(type, raw);
}

function listedNumbers(
  proto: Message<"TensorProto">,
  shape: Shape,
  { type, field, decode }: Storage,
  where: string,
): TensorData {
  const listed = proto[field];
  if (listed.length !== sizeOf(shape))
    throw new SabokError(
      `${where} of shape ${formatShape(shape)} holds ${sizeOf(shape)} numbers, but the file has ${listed.length}.`,
    );
  const numbers = new elementTypes[type].array(listed.length);
  for (const [i, number] of listed.entries()) numbers[i] = decode ? decode(number) : number;
  return numbers;
}

function bytesOf64(integers: readonly number[]): Uint8Array {
  const words = BigInt64Array.from(integers, BigInt);
  return new Uint8Array(words.buffer);
}
