// How an operator becomes kernel calls. A lowering never sees an address: it names storages, and the runtime
// plans where they lie from which steps mention them.
import type { Value } from "../../graph/index.ts";

/** A planned piece of memory: a value's data, a temporary, or packed weights. */
export interface Storage {
  readonly id: number;
  readonly bytes: number;
}

/** One 4-byte slot of a kernel's argument record. */
export type Arg =
  | { readonly kind: "pointer"; readonly storage: Storage; readonly offset: number }
  | { readonly kind: "i32" | "f32"; readonly value: number };

/** A storage's address, plus an offset in bytes. */
export function ptr(storage: Storage, offset = 0): Arg {
  return { kind: "pointer", storage, offset };
}

export function i32(value: number): Arg {
  return { kind: "i32", value };
}

export function f32(value: number): Arg {
  return { kind: "f32", value };
}

/** A null pointer, for a kernel's optional operand. */
export const nullPointer: Arg = i32(0);

/** A kernel over its units; see packages/kernels/README.md. */
export interface KernelCall {
  readonly kernel: string;
  readonly units: number;
  readonly args: readonly Arg[];
  /** Private scratch that each thread needs while it runs units of this call. */
  readonly scratchBytes: number;
}

/** What a lowering may ask for. */
export interface Lowering {
  /** The storage of a value: an operand, or the result being lowered. */
  of(value: Value): Storage;
  /** Memory that lives from the first to the last call that mentions it. */
  temporary(bytes: number): Storage;
  /**
   * Data derived from a weight, made once and shared by every call that asks with the same key: once a
   * compile where no run changes the weight, once a run otherwise. `emit` writes the calls that fill it.
   */
  packed(weight: Value, key: string, bytes: number, emit: (target: Storage) => void): Storage;
  emit(kernel: string, units: number, args: readonly Arg[], scratchBytes?: number): void;
  /** The values that read a value, in order. */
  usersOf(value: Value): readonly Value[];
  /** The only reader of a value that is neither an output nor an update: the value need not be kept if its reader takes it in. */
  soleReaderOf(value: Value): Value | undefined;
  /** Says that the calls emitted for the current value also fill `value`, so that it is not lowered again. */
  alsoFills(value: Value): void;
  /** Says that `value` is the same bytes as `source`: no call is needed. */
  alias(value: Value, source: Value): void;
}

export type LowerOperator = (node: Value, lowering: Lowering) => void;

/** The bytes of a float32 value. */
export function bytesOf(value: Value): number {
  return value.type.shape.reduce((a, b) => a * b, 4);
}
