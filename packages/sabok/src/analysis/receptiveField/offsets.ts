// Sets of whole numbers as bits: exact, and quick to shift and unite however many holes they have.

/** The numbers `low + i` for every bit i that is set. Bit 0 and bit `length` − 1 are set; the empty set has length 0. */
export interface OffsetSet {
  readonly low: number;
  readonly length: number;
  readonly bits: bigint;
}

export const emptySet: OffsetSet = { low: 0, length: 0, bits: 0n };

export function singleton(offset: number): OffsetSet {
  return { low: offset, length: 1, bits: 1n };
}

export function shifted(set: OffsetSet, by: number): OffsetSet {
  return set.length === 0 || by === 0 ? set : { ...set, low: set.low + by };
}

export function union(a: OffsetSet, b: OffsetSet): OffsetSet {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const low = Math.min(a.low, b.low);
  const end = Math.max(a.low + a.length, b.low + b.length);
  return { low, length: end - low, bits: (a.bits << BigInt(a.low - low)) | (b.bits << BigInt(b.low - low)) };
}

/** Whether every number of b is in a. */
export function includes(a: OffsetSet, b: OffsetSet): boolean {
  if (b.length === 0) return true;
  if (b.low < a.low || b.low + b.length > a.low + a.length) return false;
  const aligned = b.bits << BigInt(b.low - a.low);
  return (a.bits & aligned) === aligned;
}

export function sameSet(a: OffsetSet, b: OffsetSet): boolean {
  return a.low === b.low && a.bits === b.bits;
}

/** The numbers 0 … length − 1. */
export function everyBit(length: number): bigint {
  return (1n << BigInt(length)) - 1n;
}

export function countBits(bits: bigint): number {
  let count = 0;
  for (const digit of bits.toString(16)) count += onesOfDigit[Number.parseInt(digit, 16)]!;
  return count;
}

const onesOfDigit = Array.from({ length: 16 }, (_, digit) => digit.toString(2).replaceAll("0", "").length);

/** Calls back with the position of every set bit, ascending. */
export function forEachBit(bits: bigint, visit: (position: number) => void): void {
  const digits = bits.toString(2);
  for (let i = digits.length - 1, position = 0; i >= 0; i--, position++)
    if (digits[i] === "1") visit(position);
}
