// Arithmetic on values: every one an operator of the same name, with broadcasting where there are two operands.
import type { OpSpec, Value } from "../../graph/index.ts";
import {
  add as addOp,
  affine as affineOp,
  div as divOp,
  exp as expOp,
  log as logOp,
  matmul as matmulOp,
  mul as mulOp,
  power as powerOp,
  sub as subOp,
} from "../../ops/index.ts";
import { apply } from "../building.ts";

const binary =
  <Name extends string>(spec: OpSpec<Name, object, 2>) =>
  (a: Value, b: Value): Value =>
    apply(spec, [a, b]);

export const add = binary(addOp);
export const sub = binary(subOp);
export const mul = binary(mulOp);
export const div = binary(divOp);

/** scale·x + offset, both plain numbers. */
export function affine(x: Value, options: { readonly scale?: number; readonly offset?: number }): Value {
  return apply(affineOp, [x], options);
}

export function exp(x: Value): Value {
  return apply(expOp, [x]);
}

/** The natural logarithm. */
export function log(x: Value): Value {
  return apply(logOp, [x]);
}

/** x to a constant power. */
export function power(x: Value, exponent: number): Value {
  return apply(powerOp, [x], { exponent });
}

/** The matrix product, either operand transposed where asked. */
export function matmul(
  a: Value,
  b: Value,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Value {
  return apply(matmulOp, [a, b], options);
}
