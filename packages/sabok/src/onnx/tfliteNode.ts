// An operator of a TFLite model as its rule sees it: its operands, and the options that it was written with.
import type { Value } from "../graph/index.ts";
import { affine, relu, relu6 } from "../ops/index.ts";
import { ChannelsLastNode, type ChannelsLastContext, type ChannelsLastTensor } from "./channelsLast.ts";
import type { TfliteOperator, TfliteTensor } from "./tfliteModel.ts";

/** The activations that an operator may end with, by their codes. The format knows two more, which its own runtime leaves out. */
const activations: Readonly<Record<number, "none" | "relu" | "reluN1To1" | "relu6">> = {
  0: "none",
  1: "relu",
  2: "reluN1To1",
  3: "relu6",
};

export class TfliteNode extends ChannelsLastNode {
  /** What the file says of its results. */
  readonly results: readonly TfliteTensor[];
  private readonly operator: TfliteOperator;

  constructor(
    context: ChannelsLastContext,
    operator: TfliteOperator,
    operands: readonly (ChannelsLastTensor | undefined)[],
    results: readonly TfliteTensor[],
  ) {
    super(context, operator.op, operator.name, operands);
    this.operator = operator;
    this.results = results;
  }

  /** An option by its number in the operator's table. */
  int(field: number, fallback = 0): number {
    return this.operator.options?.int(field, fallback) ?? fallback;
  }

  byte(field: number): number {
    return this.operator.options?.byte(field) ?? 0;
  }

  flag(field: number): boolean {
    return this.byte(field) !== 0;
  }

  float(field: number, fallback: number): number {
    return this.operator.options?.float(field, fallback) ?? fallback;
  }

  ints(field: number): number[] {
    return this.operator.options?.ints(field) ?? [];
  }

  /** The whole numbers that a custom operator's options are. */
  customInts(): number[] {
    const { buffer, byteOffset, byteLength } = this.operator.customOptions;
    const view = new DataView(buffer, byteOffset, byteLength);
    return Array.from({ length: byteLength >> 2 }, (_, i) => view.getInt32(4 * i, true));
  }

  /** Whether the result holds whole numbers that stand for themselves. */
  get isWhole(): boolean {
    const [first] = this.results;
    return first?.type !== undefined && !first.type.includes("float") && !first.quantization;
  }

  /** y after the activation that the operator is fused with. */
  activated(y: Value, field: number): Value {
    const name =
      activations[this.byte(field)] ?? this.refuse(`it is fused with activation ${this.byte(field)}`);
    if (name === "none") return y;
    return name === "reluN1To1" ? this.within(y, -1, 1) : this.apply({ relu, relu6 }[name], [y]);
  }

  /** x held between two numbers: relu6 holds between 0 and 6. */
  within(x: Value, least: number, most: number): Value {
    const unit = (most - least) / 6;
    const moved = this.apply(affine, [x], { scale: 1 / unit, offset: -least / unit });
    return this.apply(affine, [this.apply(relu6, [moved])], { scale: unit, offset: least });
  }
}
