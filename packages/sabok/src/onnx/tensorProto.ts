// Tensors as ONNX stores them.
import { SabokError, formatShape, sizeOf, type Shape, type Tensor, type TensorData } from "../core/index.ts";
import { bytesOf, elementTypes, readElements, type ElementType } from "./elementTypes.ts";
import { bfloat16, float16 } from "./halfFloat.ts";
import type { Message, MessageInit } from "./schema.ts";

/** TensorProto.DataType. */
export const dataTypes = { float: 1, int64: 7, bfloat16: 16 } as const;

/** A tensor whose numbers are in the file. */
export interface StoredTensor extends Tensor {
  readonly type: ElementType;
}

/** Gives the bytes of a file beside the model, by its relative path. */
export type ExternalFiles = (location: string) => Uint8Array;

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
export function decodeTensor(
  proto: Message<"TensorProto">,
  where: string,
  external?: ExternalFiles,
): StoredTensor {
  const storage = storages[proto.dataType ?? 0];
  if (!storage)
    throw new SabokError(`${where} has element type ${proto.dataType ?? 0}, which is none of plain numbers.`);
  const shape = checkedDims(proto.dims, where);
  const raw = proto.dataLocation === 1 ? externalBytes(proto, where, external) : proto.rawData;
  const data = raw
    ? rawNumbers(raw, shape, storage.type, where)
    : listedNumbers(proto, shape, storage, where);
  return { shape, data, type: storage.type };
}

/** The element type of a TensorProto.DataType; undefined where it is none of plain numbers. */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return storages[dataType]?.type;
}

/** The bytes in another file. No path leaves the model's folder. */
function externalBytes(
  proto: Message<"TensorProto">,
  where: string,
  external: ExternalFiles | undefined,
): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key = "", value = "" }) => [key, value]));
  const location = entries.get("location") ?? "";
  const parts = location.split("/");
  if (location === "" || /[\\:\0]/.test(location) || parts.some((part) => part === "" || part === ".."))
    throw new SabokError(
      `${where} keeps its data in "${location}", which is not a path inside the model's folder; it is not read.`,
    );
  if (!external)
    throw new SabokError(
      `${where} keeps its data in the file "${location}"; open the model by its path, or save it with its weights inside.`,
    );
  const bytes = external(location);
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? bytes.length - offset);
  const inside = [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!inside || offset + length > bytes.length)
    throw new SabokError(
      `${where} lies at ${offset} to ${offset + length} of "${location}", which has ${bytes.length} bytes.`,
    );
  return bytes.subarray(offset, offset + length);
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
