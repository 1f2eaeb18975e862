// The choice between two builds: a clear winner is taken, noise decides nothing.
import { kernels } from "@sabok/kernels";
import { unpackKernels } from "@sabok/kernels/unpackKernels.mjs";
import { expect, test } from "vitest";
import { fasterLevel } from "./fasterLevel.ts";

/** A module whose gemm(args, begin, end) counts down from `turns`. */
function counting(turns: number): WebAssembly.Module {
  const leb = (n: number): number[] => (n < 64 ? [n] : [(n & 127) | 128, ...leb(n >> 7)]);
  const body = [
    1,
    1,
    0x7f,
    0x41,
    ...leb(turns),
    0x21,
    3,
    0x03,
    0x40,
    0x20,
    3,
    0x41,
    1,
    0x6b,
    0x22,
    3,
    0x0d,
    0,
    0x0b,
    0x0b,
  ];
  const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0),
      ...section(3, 1, 0),
      ...section(7, 1, 4, ...new TextEncoder().encode("gemm"), 0, 0),
      ...section(10, 1, body.length, ...body),
    ]),
  );
}

test("the plain build where it is far faster, else the fused one", async () => {
  const [quick, slow] = [counting(100), counting(1_000_000)];
  expect(await fasterLevel({ simd: quick, "relaxed-simd": slow })).toBe("simd");
  expect(await fasterLevel({ simd: slow, "relaxed-simd": quick })).toBe("relaxed-simd");
});

test("calls the real product", async () => {
  const { simd } = await unpackKernels(kernels);
  const module = await WebAssembly.compile(simd);
  expect(await fasterLevel({ simd: module, "relaxed-simd": counting(1_000_000) })).toBe("simd");
});
