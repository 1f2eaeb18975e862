// Gathers the nodes and initialisers of one ONNX graph and gives every tensor and node a name of its own.
import { SabokError, type Tensor } from "../core/index.ts";
import type { MessageInit } from "./schema.ts";
import { attributeTypes } from "./schema.ts";
import { encodeFloats, encodeIntegers } from "./tensorProto.ts";

/** What a node's attribute may be given as. */
export type AttributeInit =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export class OnnxWriter {
  readonly nodes: MessageInit<"NodeProto">[] = [];
  readonly initializers: MessageInit<"TensorProto">[] = [];
  private readonly taken = new Set<string>();
  private readonly integers = new Map<string, string>();
  private readonly floats = new Map<number, string>();

  /** Keeps a name for a graph input, a state or an output, which must be called exactly that. */
  reserve(name: string, what: string): void {
    if (name === "") throw new SabokError(`A graph's ${what} has no name, and ONNX needs one; name it.`);
    if (this.taken.has(name))
      throw new SabokError(
        `The graph's ${what} "${name}" has the name of another input, output or parameter, and ONNX has one space of names; rename it.`,
      );
    this.taken.add(name);
  }

  /** A name that nothing has yet: "<base>/<kind>", numbered where that is taken. */
  freshName(base: string, kind: string): string {
    const name = base === "" ? kind : `${base}/${kind}`;
    let unique = name;
    for (let i = 1; this.taken.has(unique); i++) unique = `${name}_${i}`;
    this.taken.add(unique);
    return unique;
  }

  /**
   * Adds a node. Its output is called `output` or, where that is undefined, as the node itself; returns that name.
   * `position` is the output's where the operator gives others, of no use, before it.
   */
  node(
    base: string,
    opType: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, AttributeInit>>,
    output?: string,
    position = 0,
  ): string {
    const name = this.freshName(base, opType);
    const attribute = Object.entries(attrs).map(([key, attr]) => encodeAttribute(key, attr));
    const unused = Array.from({ length: position }, () => this.freshName(base, "unused"));
    this.nodes.push({ opType, name, input: inputs, output: [...unused, output ?? name], attribute });
    return output ?? name;
  }

  /** A state of the network under its own name; `kind` is kept as the initialiser's doc string. */
  state(name: string, kind: string, data: Tensor): void {
    this.initializers.push(encodeFloats(name, data, kind));
  }

  /** A float tensor that is part of the graph. */
  constant(base: string, data: Tensor): string {
    const name = this.freshName(base, "constant");
    this.initializers.push(encodeFloats(name, data));
    return name;
  }

  /** A scalar; the same number is stored once. */
  scalar(value: number): string {
    const known = this.floats.get(value);
    if (known !== undefined) return known;
    const name = this.freshName("", `float[${value}]`);
    this.initializers.push(encodeFloats(name, { shape: [], data: Float32Array.of(value) }));
    this.floats.set(value, name);
    return name;
  }

  /** A list of int64; the same list is stored once. */
  list(values: readonly number[]): string {
    const key = `int64[${values.join()}]`;
    const known = this.integers.get(key);
    if (known !== undefined) return known;
    const name = this.freshName("", key);
    this.initializers.push(encodeIntegers(name, values));
    this.integers.set(key, name);
    return name;
  }
}

function encodeAttribute(name: string, attr: AttributeInit): MessageInit<"AttributeProto"> {
  if ("int" in attr) return { name, type: attributeTypes.int, i: attr.int };
  if ("float" in attr) return { name, type: attributeTypes.float, f: attr.float };
  if ("ints" in attr) return { name, type: attributeTypes.ints, ints: attr.ints };
  return { name, type: attributeTypes.string, s: new TextEncoder().encode(attr.string) };
}
