import { describe, expect, it } from "vitest";
import { pixelsOf } from "./dataset.ts";
import { parseCifar10 } from "./parseCifar10.ts";

function batchBytes(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 3073);
  labels.forEach((label, record) => {
    bytes[record * 3073] = label;
    for (let i = 0; i < 3072; i++) bytes[record * 3073 + 1 + i] = (i + 11 * label) % 251;
  });
  return bytes;
}

describe("parseCifar10", () => {
  it("joins batches in order, planes red, green, blue", () => {
    const set = parseCifar10([
      { bytes: batchBytes([3, 9]), where: "a" },
      { bytes: batchBytes([0]), where: "b" },
    ]);
    expect(set).toMatchObject({ count: 3, channels: 3, height: 32, width: 32 });
    expect([...set.labels]).toEqual([3, 9, 0]);
    expect([...pixelsOf(set, 1)]).toEqual([...batchBytes([9]).subarray(1)]);
  });

  it.each([
    [batchBytes([1]).subarray(1), /^f: 3072 bytes, not a whole number of 3073-byte/],
    [new Uint8Array(), /^f: 0 bytes/],
    [batchBytes([1, 10]), /^f: record 1 has label 10; CIFAR-10 has 0 to 9/],
  ])("refuses bad bytes %#", (bytes, message) => {
    expect(() => parseCifar10([{ bytes, where: "f" }])).toThrow(message);
  });
});
