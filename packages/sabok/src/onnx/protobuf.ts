// Reads and writes the messages of schema.ts. Only protobufjs's reader and writer are used, not its reflection:
// that would compile code at run time, which a page with a content security policy refuses.
import protobuf from "protobufjs/minimal.js";
import { SabokError } from "../core/index.ts";
import { onnxSchema, type Message, type MessageInit, type MessageName, type Scalars } from "./schema.ts";

type ScalarName = keyof Scalars;
type Fields = Readonly<Record<string, readonly [number: number, kind: string]>>;
type Bag = Record<string, unknown>;

interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: ScalarName | MessageName;
  readonly repeated: boolean;
}

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

const wireTypes: Readonly<Record<ScalarName, number>> = {
  int32: varint,
  int64: varint,
  uint64: varint,
  float: fixed32,
  double: fixed64,
  string: lengthDelimited,
  bytes: lengthDelimited,
};

const tables: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(onnxSchema as Readonly<Record<string, Fields>>).map(([message, fields]) => [
    message,
    Object.entries(fields).map(([name, [number, kind]]): Field => {
      const repeated = kind.endsWith("[]");
      return { name, number, repeated, kind: (repeated ? kind.slice(0, -2) : kind) as Field["kind"] };
    }),
  ]),
);

/** The bytes of a message. */
export function encodeMessage<M extends MessageName>(name: M, message: MessageInit<M>): Uint8Array {
  const writer = new protobuf.Writer();
  writeFields(writer, name, message);
  return writer.finish();
}

/** The message in the bytes; bytes fields are views of them. Throws SabokError where they are not such a message. */
export function decodeMessage<M extends MessageName>(name: M, bytes: Uint8Array): Message<M> {
  try {
    return readFields(name, bytes) as Message<M>;
  } catch (error) {
    throw new SabokError(
      `This is not an ONNX model, or it is damaged or cut short: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

function isScalar(kind: Field["kind"]): kind is ScalarName {
  return kind in wireTypes;
}

function writeFields(writer: protobuf.Writer, name: MessageName, message: Bag): void {
  for (const field of tables.get(name)!) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.repeated && isScalar(field.kind) && wireTypes[field.kind] !== lengthDelimited) {
      const packed = value as readonly number[];
      if (packed.length === 0) continue;
      writer.uint32((field.number << 3) | lengthDelimited).fork();
      for (const element of packed) writeScalar(writer, field.kind, element);
      writer.ldelim();
    } else {
      for (const element of field.repeated ? (value as readonly unknown[]) : [value])
        writeOne(writer, field, element);
    }
  }
}

function writeOne(writer: protobuf.Writer, { number, kind }: Field, value: unknown): void {
  if (isScalar(kind)) {
    writer.uint32((number << 3) | wireTypes[kind]);
    writeScalar(writer, kind, value);
  } else {
    writer.uint32((number << 3) | lengthDelimited).fork();
    writeFields(writer, kind, value as Bag);
    writer.ldelim();
  }
}

function writeScalar(writer: protobuf.Writer, kind: ScalarName, value: unknown): void {
  (writer[kind] as (value: unknown) => unknown).call(writer, value);
}

// The schema's messages do not nest in themselves, so the depth is bounded.
function readFields(name: MessageName, bytes: Uint8Array): Bag {
  const table = tables.get(name)!;
  const message: Bag = {};
  for (const field of table) if (field.repeated) message[field.name] = [];
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = table.find((candidate) => candidate.number === tag >>> 3);
    if (!field || !readField(reader, tag & 7, field, message)) reader.skipType(tag & 7);
  }
  return message;
}

/** Reads one field into the message; false where its wire type is not the field's, as of an unknown field. */
function readField(reader: protobuf.Reader, wireType: number, field: Field, message: Bag): boolean {
  const { kind, repeated, name } = field;
  const scalar = isScalar(kind) ? kind : undefined;
  const expected = scalar ? wireTypes[scalar] : lengthDelimited;
  const packed = repeated && wireType === lengthDelimited && expected !== lengthDelimited;
  if (wireType !== expected && !packed) return false;
  if (packed) {
    const inner = new protobuf.Reader(readBytes(reader));
    const list = message[name] as unknown[];
    while (inner.pos < inner.len) list.push(readScalar(inner, scalar!));
    return true;
  }
  const value = scalar ? readScalar(reader, scalar) : readFields(kind as MessageName, readBytes(reader));
  if (repeated) (message[name] as unknown[]).push(value);
  else message[name] = value;
  return true;
}

function readScalar(reader: protobuf.Reader, kind: ScalarName): number | string | Uint8Array {
  if (kind === "bytes") return readBytes(reader);
  const value = reader[kind]();
  if (typeof value !== "object") return value;
  // A 64-bit integer, where the Long library is there.
  return (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
}

/** A length-delimited field as a view; protobufjs's own `bytes` copies. */
function readBytes(reader: protobuf.Reader): Uint8Array {
  const length = reader.uint32();
  const start = reader.pos;
  reader.skip(length);
  return reader.buf.subarray(start, start + length);
}
