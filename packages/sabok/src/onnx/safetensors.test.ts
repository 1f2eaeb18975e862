// safetensors: what is written comes back, what others wrote is read, and a header is never believed.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SabokError, tensor, type Tensor } from "../core/index.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A file of a header, given as JSON text, and data. */
function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

test("tensors of every kind come back, scalars and empty ones too", () => {
  const tensors = new Map<string, Tensor>([
    ["conv.weight", tensor([2, 1, 2, 1], Float32Array.of(1, -2.5, NaN, -0))],
    ["scalar", tensor([], Float64Array.of(Math.PI))],
    ["empty", tensor([0, 3], new Float32Array(0))],
    ["labels", tensor([3], Int32Array.of(1, -2, 3))],
    ["__proto__", tensor([1], Float32Array.of(7))],
  ]);
  const bytes = writeSafetensors(tensors, { epoch: "3", ключ: "«value»" });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect((8 + length) % 8).toBe(0);
  const back = readSafetensors(bytes);
  expect(back.metadata).toEqual({ epoch: "3", ключ: "«value»" });
  expect(back.tensors.size).toBe(tensors.size);
  for (const [name, value] of tensors) expect(back.tensors.get(name)).toEqual(value);
  expect(writeSafetensors(back.tensors, back.metadata)).toEqual(bytes);
});

test("a file that stands anywhere in a larger buffer is read, and its tensors are copies", () => {
  const bytes = writeSafetensors(new Map([["a", tensor([2], Float32Array.of(1, 2))]]));
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const { tensors } = readSafetensors(shifted.subarray(3));
  shifted.fill(0);
  expect(tensors.get("a")!.data).toEqual(Float32Array.of(1, 2));
});

test("half floats, integers and truth values become the nearest array of ours", () => {
  const data = new Uint8Array(48);
  const view = new DataView(data.buffer);
  [0x3c00, 0xc000, 0x0001, 0x7c00].forEach((bits, i) => view.setUint16(2 * i, bits, true)); // 1, -2, 2^-24, Infinity
  [0x3f80, 0xc049].forEach((bits, i) => view.setUint16(8 + 2 * i, bits, true)); // 1, -3.140625
  view.setBigInt64(12, -5n, true);
  view.setUint32(20, 4_000_000_000, true);
  view.setInt8(24, -7);
  view.setUint8(25, 1);
  view.setFloat64(26, 0.1, true);
  view.setInt32(34, -9, true);
  view.setUint16(38, 65535, true);
  view.setBigUint64(40, 12n, true);
  const entries = [
    ["half", "F16", [4], 0, 8],
    ["brain", "BF16", [2], 8, 12],
    ["long", "I64", [], 12, 20],
    ["unsigned", "U32", [1], 20, 24],
    ["byte", "I8", [1], 24, 25],
    ["flag", "BOOL", [1], 25, 26],
    ["double", "F64", [1], 26, 34],
    ["int", "I32", [1], 34, 38],
    ["short", "U16", [1], 38, 40],
    ["ulong", "U64", [1], 40, 48],
  ] as const;
  const header = Object.fromEntries(
    entries.map(([name, dtype, shape, start, end]) => [name, { dtype, shape, data_offsets: [start, end] }]),
  );
  const { tensors } = readSafetensors(fileOf(JSON.stringify(header), data));
  const read = Object.fromEntries([...tensors].map(([name, { data: numbers }]) => [name, numbers]));
  expect(read).toEqual({
    half: Float32Array.of(1, -2, 2 ** -24, Infinity),
    brain: Float32Array.of(1, -3.140625),
    long: Float64Array.of(-5),
    unsigned: Float64Array.of(4_000_000_000),
    byte: Int32Array.of(-7),
    flag: Int32Array.of(1),
    double: Float64Array.of(0.1),
    int: Int32Array.of(-9),
    short: Int32Array.of(65535),
    ulong: Float64Array.of(12),
  });
});

test("PyTorch's own file is read, its 64-bit counters at odd places included", () => {
  const path = new URL("../../golden/models/mobilenet_v2_025.safetensors", import.meta.url);
  const { tensors } = readSafetensors(readFileSync(path));
  expect(tensors.get("features.0.0.weight")!.shape).toEqual([8, 3, 3, 3]);
  expect(tensors.get("classifier.1.bias")!.data).toBeInstanceOf(Float32Array);
  expect([...tensors.keys()].length).toBeGreaterThan(200);
});

describe("a header is refused that", () => {
  const one = (entry: object): string =>
    JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...entry } });
  const eight = new Uint8Array(8);
  const bad: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["is not there", Uint8Array.of(1, 2), /it has 2 bytes/],
    [
      "claims an exabyte",
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16),
      /claims a header of 11529215\d+ bytes; the format allows 100000000/,
    ],
    ["is longer than the file", fileOf("{}").slice(0, 9), /its header takes 2 bytes, but only 1 follow/],
    ["is no JSON", fileOf("{]"), /its header is not JSON/],
    ["is a list", fileOf("[]"), /is not a JSON object/],
    ["is not UTF-8", fileOf("{}").map((byte, i) => (i === 9 ? 0xff : byte)), /is not UTF-8/],
    [
      "names a tensor twice",
      fileOf(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        eight,
      ),
      /two entries named "a"/,
    ],
    [
      "has another kind of element",
      fileOf(one({ dtype: "F8_E4M3" }), eight),
      /dtype "F8_E4M3"; sabok reads F32, F64/,
    ],
    ["has a negative dimension", fileOf(one({ shape: [-2] }), eight), /tensor "a" has shape \[-2\]/],
    [
      "has a shape of 2^80 numbers",
      fileOf(one({ shape: [2 ** 40, 2 ** 40] }), eight),
      /takes \d.* bytes, but has 8/,
    ],
    [
      "reaches past the end",
      fileOf(one({ data_offsets: [0, 16], shape: [4] }), eight),
      /ends at byte 16 of the data, which has 8; the file is cut short/,
    ],
    [
      "gives another size than its shape",
      fileOf(one({ shape: [3] }), eight),
      /of shape \[3\] and dtype F32 takes 12 bytes, but has 8/,
    ],
    ["runs backwards", fileOf(one({ data_offsets: [8, 0] }), eight), /data_offsets \[8,0\]/],
    [
      "leaves bytes unsaid",
      fileOf(one({}), new Uint8Array(12)),
      /nothing says what stands in its last 4 bytes/,
    ],
    [
      "begins late",
      fileOf(one({ data_offsets: [4, 12] }), new Uint8Array(12)),
      /nothing says what stands from byte 0 to 4/,
    ],
    [
      "lets tensors overlap",
      fileOf(
        JSON.stringify({
          a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
          b: { dtype: "F32", shape: [2], data_offsets: [4, 12] },
        }),
        new Uint8Array(12),
      ),
      /tensor "b" begins at byte 4, inside another, which ends at 8/,
    ],
    [
      "has metadata that are no strings",
      fileOf('{"__metadata__":{"a":1}}'),
      /__metadata__ is not an object of strings/,
    ],
  ];
  for (const [what, bytes, message] of bad)
    test(what, () => {
      expect(() => readSafetensors(bytes)).toThrow(SabokError);
      expect(() => readSafetensors(bytes)).toThrow(message);
    });
  test("a name the format keeps for itself is not written", () => {
    expect(() => writeSafetensors(new Map([["__metadata__", tensor([1], [1])]]))).toThrow(
      /cannot be named "__metadata__"/,
    );
  });
});
