// Models as other programs write them, for tests: one node, or a chain of them; and how far sabok is from ONNX Runtime on one.
import { interpret } from "../backends/reference/index.ts";
import { Random, type Shape, type Tensor } from "../core/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { encodeMessage } from "./protobuf.ts";
import { attributeTypes, type MessageInit } from "./schema.ts";
import { draw, relativeError, runOnnx, type Runtime } from "./testModels.ts";

type Attribute = number | string | readonly number[] | { readonly float: number };

export interface NodeCase {
  readonly op: string;
  readonly opset?: number;
  /** Shapes of fed inputs. */
  readonly inputs?: readonly Shape[];
  /** Stored operands after them; null leaves one out. */
  readonly stored?: readonly (MessageInit<"TensorProto"> | null)[];
  readonly attrs?: Readonly<Record<string, Attribute>>;
}

const random = new Random(7);

export const integers = (...values: number[]): MessageInit<"TensorProto"> => ({
  dims: [values.length],
  dataType: 7,
  int64Data: values,
});
export const floats = (shape: Shape, ...values: number[]): MessageInit<"TensorProto"> => ({
  dims: shape,
  dataType: 1,
  floatData: values,
});
export const weights = (...shape: number[]): MessageInit<"TensorProto"> =>
  floats(shape, ...draw(shape, random).data);

function attribute(name: string, value: Attribute): MessageInit<"AttributeProto"> {
  if (typeof value === "number") return { name, type: attributeTypes.int, i: value };
  if (typeof value === "string")
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

export function modelOf({
  op,
  opset = 17,
  inputs = [[1, 3, 7, 6]],
  stored = [],
  attrs = {},
}: NodeCase): Uint8Array {
  const names = [...inputs.map((_, i) => `x${i}`), ...stored.map((proto, i) => (proto ? `w${i}` : ""))];
  return encodeMessage("ModelProto", {
    irVersion: opset < 11 ? 4 : 8,
    opsetImport: [{ domain: "", version: opset }],
    producerName: "another",
    graph: {
      name: "case",
      node: [
        {
          opType: op,
          name: "it",
          input: names,
          output: ["y"],
          attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
        },
      ],
      initializer: stored.flatMap((proto, i) => (proto ? [{ ...proto, name: `w${i}` }] : [])),
      input: inputs.map((shape, i) => ({
        name: `x${i}`,
        type: { tensorType: { elemType: 1, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
      })),
      output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
    },
  });
}

/** A graph of several nodes over "image", its last result the output "y". */
export function chainOf(
  nodes: readonly MessageInit<"NodeProto">[],
  shape: Shape,
  initializer: readonly MessageInit<"TensorProto">[] = [],
  more: MessageInit<"ModelProto"> = {},
): Uint8Array {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return encodeMessage("ModelProto", {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "chain",
      node: nodes,
      initializer,
      input: [{ name: "image", type: { tensorType: { elemType: 1, shape: { dim } } } }],
      output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
    },
    ...more,
  });
}

export const step = (
  opType: string,
  input: string[],
  output: string,
  attrs: Readonly<Record<string, Attribute>> = {},
): MessageInit<"NodeProto"> => ({
  opType,
  input,
  output: [output],
  attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
});

/** The title of a case. */
export function titleOf({ op, opset = 17, attrs = {} }: NodeCase, i: number): string {
  return `${i} ${op} opset ${opset} ${JSON.stringify(attrs)}`;
}

/** How far the float64 reference is from ONNX Runtime; Infinity where the shapes differ or there is nothing to compare. */
export async function nodeError(runtime: Runtime, each: NodeCase): Promise<number> {
  const bytes = modelOf(each);
  const { graph, weights: states } = fromOnnx(bytes);
  const feeds: Record<string, Tensor> = {};
  for (const [name, input] of Object.entries(graph.inputs)) feeds[name] = draw(input.type.shape, random);
  const expected = (await runOnnx(runtime, bytes, feeds))["y"]!;
  const actual = interpret(graph, feeds, states).outputs["y"]!;
  return actual.data.length === 0 ? Infinity : relativeError(expected, actual);
}
