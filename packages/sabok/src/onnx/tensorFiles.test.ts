import { describe, expect, test } from "vitest";
import { SabokError } from "../core/index.ts";
import { readNpy, writeNpy } from "./tensorFiles.ts";

/** A file as NumPy writes it. */
function npy(header: string, bytes: readonly number[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0, ...text, ...bytes);
}

describe(".npy", () => {
  test("comes back as it was written, its numbers at a multiple of 64 bytes", () => {
    for (const shape of [[], [3], [2, 3], [1, 2, 1, 3]]) {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length: size }, (_, i) => i - 0.5);
      const file = writeNpy({ shape, data });
      expect((file.length - 4 * size) % 64).toBe(0);
      expect(readNpy(file)).toEqual({ shape, data });
    }
  });
  test("of whole numbers, in columns", () => {
    const header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
    const { shape, data } = readNpy(npy(header, [1, 4, 2, 5, 3, 6]));
    expect([shape, [...data]]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
  });
  test("is refused where it is damaged", () => {
    const file = writeNpy({ shape: [2], data: Float32Array.of(1, 2) });
    for (let length = 0; length < file.length; length++)
      expect(() => readNpy(file.slice(0, length))).toThrow(SabokError);
    expect(() => readNpy(npy("{'descr': '>f4', 'shape': (1,), }", [0, 0, 0, 0]))).toThrow(/little-endian/);
  });
});
