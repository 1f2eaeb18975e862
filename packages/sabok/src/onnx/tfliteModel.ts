// A TFLite file as plain records: its first graph's operators and tensors, and the numbers that it holds, dequantised.
// The numbers of the fields are those of the format's published schema.
import { SabokError, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { elementTypes, readElements, type ElementType } from "./elementTypes.ts";
import { FlatFile, FlatTable } from "./flatTable.ts";
import { tfliteOperators } from "./tfliteOperators.ts";

/** real = scale · (stored − zero), one of each or one along an axis. */
export interface Quantization {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  /** Its own among the tensors of the graph. */
  readonly name: string;
  readonly shape: Shape;
  /** Undefined for text, complex and other types that are none of plain numbers. */
  readonly type: ElementType | undefined;
  readonly quantization: Quantization | undefined;
}

export interface TfliteOperator {
  readonly op: string;
  /** The name of its first result. */
  readonly name: string;
  /** The tensors it reads, -1 for one that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable | undefined;
  /** The options of a custom operator, in a form of its own. */
  readonly customOptions: Uint8Array;
}

export interface TfliteModel {
  readonly description: string;
  readonly operators: readonly TfliteOperator[];
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The numbers of a tensor that the file holds. */
  numbersOf(tensor: number): Tensor | undefined;
}

const types: Readonly<Record<number, ElementType>> = {
  0: "float32",
  1: "float16",
  2: "int32",
  3: "uint8",
  4: "int64",
  6: "bool",
  7: "int16",
  9: "int8",
  10: "float64",
  12: "uint64",
  15: "uint32",
  16: "uint16",
  18: "bfloat16",
};

/** No operator knows more axes. */
const mostAxes = 8;

/** Reads the records. Throws SabokError where the bytes are no TFLite model or are damaged. */
export function readTflite(bytes: Uint8Array): TfliteModel {
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(4, 8)) !== "TFL3")
    throw new SabokError("This is not a TFLite model: it does not begin as one (TFL3 at byte 4).");
  const file = new FlatFile(bytes);
  const model = new FlatTable(file, 0);
  const [graph] = model.tables(2);
  if (!graph) throw new SabokError("This TFLite model holds no graph.");
  const codes = model.tables(1).map(operatorName);
  const tables = graph.tables(0);
  const tensors = withOwnNames(tables.map(tensorOf));
  const expectTensor = (index: number, of: string): void => {
    if (!(index >= 0 && index < tensors.length))
      throw new SabokError(`The file is damaged: ${of} names tensor ${index} of ${tensors.length}.`);
  };
  const [inputs, outputs] = [graph.ints(1), graph.ints(2)];
  for (const index of [...inputs, ...outputs]) expectTensor(index, "the graph");
  const operators = graph.tables(3).map((table, i): TfliteOperator => {
    const op = codes[table.int(0)];
    if (op === undefined)
      throw new SabokError(
        `The file is damaged: operator ${i} is of kind ${table.int(0)} of ${codes.length}.`,
      );
    const [reads, makes] = [table.ints(1), table.ints(2)];
    for (const index of reads) if (index !== -1) expectTensor(index, `${op} ${i}`);
    for (const index of makes) expectTensor(index, `${op} ${i}`);
    const name = makes.length > 0 ? tensors[makes[0]!]!.name : `operator ${i}`;
    const customOptions = table.bytes(5) ?? new Uint8Array(0);
    return { op, name, inputs: reads, outputs: makes, options: table.table(4), customOptions };
  });
  const buffers = model.tables(4);
  const numbersOf = (index: number): Tensor | undefined => {
    const table = tables[index]!;
    const data = buffers[table.int(2)]?.bytes(0);
    if (!data || data.length === 0) return undefined;
    file.spend(data.length);
    if (table.has(6))
      throw new SabokError(
        `The weight "${tensors[index]!.name}" is stored sparsely, which sabok does not read.`,
      );
    return decode(tensors[index]!, data);
  };
  return { description: model.text(3), operators, tensors, inputs, outputs, numbersOf };
}

/** An operator's name; that of a custom one is its own. */
function operatorName(code: FlatTable): string {
  const number = Math.max(code.byte(0), code.int(3));
  const name = tfliteOperators[number] ?? `operator ${number}`;
  return name === "CUSTOM" ? `custom ${code.text(1)}` : name;
}

function tensorOf(table: FlatTable, index: number): TfliteTensor {
  const name = table.text(3) || `tensor ${index}`;
  const shape = table.ints(0);
  if (shape.length > mostAxes || shape.some((length) => length < 0))
    throw new SabokError(
      `The tensor "${name}" has shape [${shape.slice(0, mostAxes + 1)}]; the file is damaged.`,
    );
  const details = table.table(4);
  const scale = details?.floats(2) ?? [];
  const quantization =
    scale.length > 0 ? { scale, zero: details!.longs(3), axis: details!.int(6) } : undefined;
  return { name, shape, type: types[table.byte(1)], quantization };
}

/** Tensors of equal names told apart by a number. */
function withOwnNames(tensors: readonly TfliteTensor[]): TfliteTensor[] {
  const taken = new Set<string>();
  return tensors.map((tensor, i) => {
    const name = taken.has(tensor.name) ? `${tensor.name} #${i}` : tensor.name;
    taken.add(name);
    return { ...tensor, name };
  });
}

function decode({ name, shape, type, quantization }: TfliteTensor, bytes: Uint8Array): Tensor {
  if (!type) throw new SabokError(`The weight "${name}" does not hold plain numbers.`);
  const length = sizeOf(shape) * elementTypes[type].bytes;
  if (length !== bytes.length)
    throw new SabokError(
      `The weight "${name}" of shape [${shape}] and type ${type} takes ${length} bytes, but the file has ${bytes.length}.`,
    );
  const data = readElements(type, bytes);
  return { shape, data: quantization ? dequantized(name, shape, data, quantization) : data };
}

function dequantized(
  name: string,
  shape: Shape,
  data: Tensor["data"],
  { scale, zero, axis }: Quantization,
): Float32Array {
  const one = scale.length === 1;
  if (!one && shape[axis] !== scale.length)
    throw new SabokError(
      `The weight "${name}" of shape [${shape}] has ${scale.length} scales along axis ${axis}.`,
    );
  const inner = one ? 1 : sizeOf(shape.slice(axis + 1));
  return Float32Array.from(data, (stored, i) => {
    const part = one ? 0 : Math.floor(i / inner) % scale.length;
    return scale[part]! * (stored - (zero[part] ?? zero[0] ?? 0));
  });
}
