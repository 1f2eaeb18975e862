// The messages of ONNX's file format as a table, from the public onnx.proto: field name → [number, kind].
// A kind is a protobuf scalar or another message; "[]" marks a repeated field. Fields sabok has no use for are left out
// and skipped when read.

export const onnxSchema = {
  ModelProto: {
    irVersion: [1, "int64"],
    opsetImport: [8, "OperatorSetIdProto[]"],
    producerName: [2, "string"],
    producerVersion: [3, "string"],
    docString: [6, "string"],
    graph: [7, "GraphProto"],
    metadataProps: [14, "StringStringEntryProto[]"],
    functions: [25, "FunctionProto[]"],
  },
  FunctionProto: {
    name: [1, "string"],
    input: [4, "string[]"],
    output: [5, "string[]"],
    node: [7, "NodeProto[]"],
    opsetImport: [9, "OperatorSetIdProto[]"],
    domain: [10, "string"],
    attributeProto: [11, "AttributeProto[]"],
  },
  OperatorSetIdProto: { domain: [1, "string"], version: [2, "int64"] },
  StringStringEntryProto: { key: [1, "string"], value: [2, "string"] },
  GraphProto: {
    node: [1, "NodeProto[]"],
    name: [2, "string"],
    initializer: [5, "TensorProto[]"],
    input: [11, "ValueInfoProto[]"],
    output: [12, "ValueInfoProto[]"],
  },
  NodeProto: {
    input: [1, "string[]"],
    output: [2, "string[]"],
    name: [3, "string"],
    opType: [4, "string"],
    attribute: [5, "AttributeProto[]"],
    domain: [7, "string"],
  },
  AttributeProto: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    t: [5, "TensorProto"],
    floats: [7, "float[]"],
    ints: [8, "int64[]"],
    strings: [9, "bytes[]"],
    type: [20, "int32"],
    refAttrName: [21, "string"],
  },
  TensorProto: {
    dims: [1, "int64[]"],
    dataType: [2, "int32"],
    floatData: [4, "float[]"],
    int32Data: [5, "int32[]"],
    int64Data: [7, "int64[]"],
    name: [8, "string"],
    rawData: [9, "bytes"],
    doubleData: [10, "double[]"],
    uint64Data: [11, "uint64[]"],
    docString: [12, "string"],
    externalData: [13, "StringStringEntryProto[]"],
    dataLocation: [14, "int32"],
  },
  ValueInfoProto: { name: [1, "string"], type: [2, "TypeProto"] },
  TypeProto: { tensorType: [1, "TensorTypeProto"] },
  TensorTypeProto: { elemType: [1, "int32"], shape: [2, "TensorShapeProto"] },
  TensorShapeProto: { dim: [1, "DimensionProto[]"] },
  DimensionProto: { dimValue: [1, "int64"], dimParam: [2, "string"] },
} as const;

type Schema = typeof onnxSchema;
export type MessageName = keyof Schema;

/** Protobuf's scalars as JavaScript has them; 64-bit integers are numbers, rounded beyond 2^53. */
export interface Scalars {
  readonly int32: number;
  readonly int64: number;
  readonly uint64: number;
  readonly float: number;
  readonly double: number;
  readonly string: string;
  readonly bytes: Uint8Array;
}

type Kind<M extends MessageName, F extends keyof Schema[M]> = Schema[M][F] extends readonly [number, infer K]
  ? K
  : never;
type Element<K, Init> = K extends keyof Scalars
  ? Scalars[K]
  : K extends MessageName
    ? Init extends true
      ? MessageInit<K>
      : Message<K>
    : never;

/** A message as it is read: repeated fields are always there, the others where the file has them. */
export type Message<M extends MessageName> = {
  readonly [F in keyof Schema[M] as Kind<M, F> extends `${string}[]` ? F : never]: Kind<
    M,
    F
  > extends `${infer K}[]`
    ? readonly Element<K, false>[]
    : never;
} & {
  readonly [F in keyof Schema[M] as Kind<M, F> extends `${string}[]` ? never : F]?: Element<
    Kind<M, F>,
    false
  >;
};

/** A message as it is given to be written: every field may be left out. */
export type MessageInit<M extends MessageName> = {
  readonly [F in keyof Schema[M]]?: Kind<M, F> extends `${infer K}[]`
    ? readonly Element<K, true>[]
    : Element<Kind<M, F>, true>;
};

/** AttributeProto.type: which of its fields holds the value. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;
