// The safetensors format: a length, a JSON header that says name, type, shape and place of each tensor, and their bytes.
// https://github.com/huggingface/safetensors. A reader trusts nothing in the header.
import { SabokError, formatShape, sizeOf, type Tensor } from "../core/index.ts";
import { bytesOf, elementTypes, readElements, type ElementType } from "./elementTypes.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  /** The header's `__metadata__`; empty where it has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit for a header. */
const longestHeader = 100_000_000;

const metadataKey = "__metadata__";

const typesByCode: Readonly<Record<string, ElementType>> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  BOOL: "bool",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  U64: "uint64",
};

/**
 * The bytes of a safetensors file: Float64Array as F64, then Float32Array as F32 and Int32Array as I32, each kind in the
 * map's order and every tensor aligned.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: (readonly [string, unknown])[] =
    Object.keys(metadata).length > 0 ? [[metadataKey, metadata]] : [];
  // Elements of 8 bytes first, so that every tensor is aligned and none is padded.
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    if (name === metadataKey)
      throw new SabokError(`A tensor cannot be named "${metadataKey}" in a safetensors file; rename it.`);
    header.push([name, { dtype: codeOf(data), shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const [, { data }] of ordered) {
    file.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * The tensors of a safetensors file, in the header's order. F32, F16 and BF16 become Float32Array; F64 and 64-bit and
 * unsigned 32-bit integers Float64Array (integers beyond 2^53 are rounded); smaller integers and BOOL Int32Array. Aligned F32
 * tensors, which every writer of note makes, are views of `bytes`: leave those unchanged while the tensors are in use.
 * Throws SabokError where the file is not one, is cut short, or its header contradicts itself or the file's length.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { text, body } = splitFile(bytes);
  const header = parseHeader(text);
  const tensors = new Map<string, Tensor>();
  const spans: Span[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataKey) continue;
    const { type, shape, start, end } = readEntry(name, entry, body.length);
    spans.push({ name, start, end });
    tensors.set(name, { shape, data: readElements(type, body.subarray(start, end)) });
  }
  expectTiling(spans, body.length);
  return { tensors, metadata: readMetadata(header[metadataKey]) };
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function codeOf(data: Tensor["data"]): string {
  if (data instanceof Float32Array) return "F32";
  return data instanceof Float64Array ? "F64" : "I32";
}

function broken(what: string, cause?: unknown): SabokError {
  return new SabokError(`This is not a whole safetensors file: ${what}.`, { cause });
}

function splitFile(bytes: Uint8Array): { text: string; body: Uint8Array } {
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes, less than the header's length takes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader)
    throw broken(`it claims a header of ${length} bytes; the format allows ${longestHeader}`);
  if (8 + length > bytes.length)
    throw broken(`its header takes ${length} bytes, but only ${bytes.length - 8} follow`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    return { text, body: bytes.subarray(8 + length) };
  } catch (error) {
    throw broken("its header is not UTF-8", error);
  }
}

function parseHeader(text: string): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw broken(`its header is not JSON (${(error as Error).message})`, error);
  }
  if (!isRecord(header)) throw broken("its header is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw broken(`its header has two entries named "${twice}"`);
  return header;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first key that a valid JSON object has twice at its top level; JSON.parse silently keeps the last. */
function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  let key: string | undefined;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token !== ":") key = token;
    else if (depth === 1) {
      const name = JSON.parse(key!) as string;
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}

function readEntry(name: string, entry: unknown, bodyLength: number) {
  const where = `tensor "${name}"`;
  if (!isRecord(entry)) throw broken(`${where} has no entry of dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === "string" ? typesByCode[dtype] : undefined;
  if (!type)
    throw broken(
      `${where} has dtype ${JSON.stringify(dtype)}; sabok reads ${Object.keys(typesByCode).join(", ")}`,
    );
  if (!isCounts(shape))
    throw broken(`${where} has shape ${JSON.stringify(shape)}, expected whole numbers of at least 0`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw broken(`${where} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  const [start, end] = offsets as readonly [number, number];
  if (end > bodyLength)
    throw broken(`${where} ends at byte ${end} of the data, which has ${bodyLength}; the file is cut short`);
  const expected = sizeOf(shape) * elementTypes[type].bytes;
  if (end - start !== expected)
    throw broken(
      `${where} of shape ${formatShape(shape)} and dtype ${dtype} takes ${expected} bytes, but has ${end - start}`,
    );
  return { type, shape, start, end };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Throws unless the spans, put in order, fill the body: no overlap, no gap. */
function expectTiling(spans: readonly Span[], bodyLength: number): void {
  let end = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (span.start !== end)
      throw broken(
        span.start < end
          ? `tensor "${span.name}" begins at byte ${span.start}, inside another, which ends at ${end}`
          : `nothing says what stands from byte ${end} to ${span.start}, before tensor "${span.name}"`,
      );
    end = span.end;
  }
  if (end !== bodyLength) throw broken(`nothing says what stands in its last ${bodyLength - end} bytes`);
}

function readMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string"))
    throw broken(`its ${metadataKey} is not an object of strings`);
  return metadata as Readonly<Record<string, string>>;
}
