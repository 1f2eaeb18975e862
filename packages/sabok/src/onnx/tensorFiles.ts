// Single tensors as files: NumPy's .npy (format 1 to 3) and ONNX's TensorProto.
import { SabokError, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { bytesOf, elementTypes, readElements, type ElementType } from "./elementTypes.ts";
import { decodeMessage } from "./protobuf.ts";
import { decodeTensor } from "./tensorProto.ts";

/** The tensor of a TensorProto's bytes, as ONNX's test data has them. */
export function readTensorProto(bytes: Uint8Array): Tensor {
  const { shape, data } = decodeTensor(decodeMessage("TensorProto", bytes), "The tensor");
  return { shape, data };
}

const magic = "\x93NUMPY";
const npyTypes: Readonly<Record<string, ElementType>> = {
  f2: "float16",
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  b1: "bool",
};

/** The array of a .npy file. Throws SabokError where it is none, is cut short, or holds anything but little-endian numbers. */
export function readNpy(bytes: Uint8Array): Tensor {
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 6)) !== latin1(magic) || bytes.length < 12)
    throw new SabokError("This is not a .npy file.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = bytes[6]! > 1;
  const start = isLong ? 12 : 10;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const descr = /'descr':\s*'([<|=]?)([a-z]\d)'/.exec(header);
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  const type = descr ? npyTypes[descr[2]!] : undefined;
  if (!dims || !type)
    throw new SabokError(
      `The .npy file's header is ${JSON.stringify(header.trim().slice(0, 120))}; sabok reads little-endian numbers.`,
    );
  const shape = dims[1]!
    .split(",")
    .filter((dimension) => dimension.trim() !== "")
    .map(Number);
  const expected = sizeOf(shape) * elementTypes[type].bytes;
  const body = bytes.subarray(start + length);
  if (body.length !== expected)
    throw new SabokError(
      `The .npy file of shape [${shape}] and type ${type} takes ${expected} bytes, but has ${body.length}.`,
    );
  const data = readElements(type, body);
  return { shape, data: /'fortran_order':\s*True/.test(header) ? columnsToRows(shape, data) : data };
}

/** A tensor as a .npy file of float32. */
export function writeNpy({ shape, data }: Tensor): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims}), }`;
  // The numbers begin at a multiple of 64 bytes.
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const floats = bytesOf(data instanceof Float32Array ? data : Float32Array.from(data));
  const file = new Uint8Array(10 + header.length + floats.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  file.set(new TextEncoder().encode(header), 10);
  file.set(floats, 10 + header.length);
  return file;
}

/** What TextDecoder's latin1, which is windows-1252, makes of the bytes. */
function latin1(text: string): string {
  return new TextDecoder("latin1").decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

function columnsToRows(shape: Shape, data: Tensor["data"]): Tensor["data"] {
  const rows = data.slice();
  for (let position = 0; position < data.length; position++) {
    let [rest, from, stride] = [position, 0, data.length];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      stride /= shape[axis]!;
      from += (rest % shape[axis]!) * stride;
      rest = Math.floor(rest / shape[axis]!);
    }
    rows[position] = data[from]!;
  }
  return rows;
}
