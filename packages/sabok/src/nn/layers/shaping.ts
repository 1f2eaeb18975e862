// Values in other shapes, joined, cut and reduced.
import type { Shape } from "../../core/index.ts";
import { shapeOf, type Value } from "../../graph/index.ts";
import {
  concat as concatOp,
  flatten as flattenOp,
  mean as meanOp,
  pad as padOp,
  reshape as reshapeOp,
  slice as sliceOp,
  sum as sumOp,
  transpose as transposeOp,
} from "../../ops/index.ts";
import { apply } from "../building.ts";

/** The elements in row-major order under a new shape; one −1 stands for the rest: give it for the batch. */
export function reshape(x: Value, shape: Shape): Value {
  return apply(reshapeOp, [x], { shape });
}

/** Joins the axes from `startAxis` on; default 1: all but the batch. */
export function flatten(x: Value, options: { readonly startAxis?: number } = {}): Value {
  return apply(flattenOp, [x], options);
}

/** Axis k of the result is axis permutation[k] of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return apply(transposeOp, [x], { permutation });
}

/** Values one behind the other; by default along the channels. */
export function concat(xs: readonly Value[], options: { readonly axis?: number } = {}): Value {
  return apply(concatOp, xs, options);
}

export interface SliceOptions {
  /** The first index of each axis. */
  readonly starts: readonly number[];
  /** How many of each axis; −1: to the end. */
  readonly sizes: readonly number[];
  /** Default 1. */
  readonly steps?: readonly number[];
}

/** A regular part of x. */
export function slice(x: Value, { starts, sizes, steps = starts.map(() => 1) }: SliceOptions): Value {
  return apply(sliceOp, [x], { starts, sizes, steps });
}

export interface PadOptions {
  /** How many are put before x along each axis. Default none. */
  readonly before?: readonly number[];
  /** How many are put after x along each axis. Default none. */
  readonly after?: readonly number[];
  /** Default 0. */
  readonly value?: number;
}

/** x with a constant around it. */
export function pad(x: Value, { before, after, value = 0 }: PadOptions): Value {
  const none = shapeOf(x).map(() => 0);
  return apply(padOp, [x], { before: before ?? none, after: after ?? none, value });
}

export interface ReductionOptions {
  /** Default: all. */
  readonly axes?: readonly number[];
  /** Keep the reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

export function sum(x: Value, options: ReductionOptions = {}): Value {
  return apply(sumOp, [x], options);
}

export function mean(x: Value, options: ReductionOptions = {}): Value {
  return apply(meanOp, [x], options);
}
