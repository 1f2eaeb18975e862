// What an export rule sees of one value, and the attributes it may write.
import type { Shape } from "../core/index.ts";
import type { Value } from "../graph/index.ts";
import type { AttributeInit } from "./onnxWriter.ts";

/** The place of one value: what a rule may read and write. */
export interface ExportSite {
  readonly value: Value;
  readonly opset: number;
  /** The shapes of the operands and of the result as ONNX may rely on them: -1 where a dimension follows the batch. */
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
  /** The operands' tensors. */
  readonly inputs: readonly string[];
  /** A bias that is added to the result and to be taken in: [] or [its tensor]. */
  readonly bias: readonly string[];
  /** A node on the way; returns the tensor of its output, or of one of its outputs. */
  node(
    opType: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, AttributeInit>>,
    output?: number,
  ): string;
  /** The node that makes the value. */
  result(opType: string, inputs: readonly string[], attrs?: Readonly<Record<string, AttributeInit>>): void;
  scalar(value: number): string;
  list(values: readonly number[]): string;
  floats(values: readonly number[]): string;
}

export type ExportRule = (site: ExportSite) => void;

export const int = (value: number): AttributeInit => ({ int: value });
export const float = (value: number): AttributeInit => ({ float: value });
export const ints = (values: readonly number[]): AttributeInit => ({ ints: values });
export const string = (value: string): AttributeInit => ({ string: value });
export const flag = (value: boolean): AttributeInit => ({ int: value ? 1 : 0 });

/** The same operator in ONNX, operand for operand. */
export const same = (opType: string, attrs: Readonly<Record<string, AttributeInit>> = {}): ExportRule => {
  return (site) => site.result(opType, site.inputs, attrs);
};

/** ONNX's element types that a Cast names. */
export const castToFloat = { to: int(1) };
export const castToInt64 = { to: int(7) };
export const castToBool = { to: int(9) };
