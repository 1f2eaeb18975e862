// Files that are damaged, cut, crafted or of another kind: one clear SabokError, never anything else.
import { describe, expect, test } from "vitest";
import { SabokError, type Random } from "../core/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { readModelJson, writeModelJson } from "./modelJson.ts";
import { decodeMessage, encodeMessage } from "./protobuf.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import type { MessageInit } from "./schema.ts";
import { fuzz, smallModel } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

const { graph, weights } = smallModel();
const onnx = toOnnx(graph, weights, { metadata: { classes: ["a", "b", "c", "d"] } });

const document = new TextEncoder().encode(writeModelJson(graph));
const readDocument = (bytes: Uint8Array) => readModelJson(new TextDecoder().decode(bytes));

/** Another digit for a digit, so that a text keeps its form and says something else. */
function otherDigit(byte: number, random: Random): number {
  return byte >= 0x30 && byte <= 0x39 ? 0x30 + random.integer(10) : byte;
}

test("every prefix of a small ONNX file gives a SabokError or a smaller model", () => {
  const wrong: number[] = [];
  for (let length = 0; length < onnx.length; length++)
    try {
      fromOnnx(onnx.slice(0, length));
    } catch (error) {
      if (!(error instanceof SabokError)) wrong.push(length);
    }
  expect(wrong).toEqual([]);
});

describe("random damage", () => {
  test("of an ONNX file", () => {
    expect(fuzz(onnx, (bytes) => fromOnnx(bytes), 2000)).toEqual([]);
  });
  test("of a safetensors file", () => {
    expect(fuzz(writeSafetensors(weights, { of: "test" }), readSafetensors, 2000)).toEqual([]);
  });
  test("of a model document", () => {
    expect(fuzz(document, readDocument, 1000)).toEqual([]);
    expect(fuzz(document, readDocument, 1000, otherDigit)).toEqual([]);
  });
});

/** The exported model with parts of its graph in another form. */
function altered(
  change: (graph: MessageInit<"GraphProto">) => MessageInit<"GraphProto">,
  model: MessageInit<"ModelProto"> = {},
): Uint8Array {
  const decoded = decodeMessage("ModelProto", onnx);
  return encodeMessage("ModelProto", { ...decoded, graph: change(decoded.graph!), ...model });
}

const node = (
  opType: string,
  input: string[],
  output: string[],
  name = opType.toLowerCase(),
): MessageInit<"NodeProto"> => ({ opType, input, output, name });

const refused: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ["text", () => new TextEncoder().encode("hello, I am no model"), /not an ONNX model/],
  ["nothing", () => new Uint8Array(0), /not an ONNX model: it holds no graph/],
  [
    "a 2 GB claim in 10 bytes",
    () => Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3, 4),
    /not an ONNX model, or it is damaged or cut short/,
  ],
  [
    "groups nested without end",
    () => new Uint8Array(1_000_000).fill((15 << 3) | 3),
    /not an ONNX model, or it is damaged or cut short/,
  ],
  [
    "unknown operators",
    () =>
      altered((g) => ({
        ...g,
        node: [
          node("Unique", ["image"], ["a"], "mix"),
          node("Unique", ["a"], ["b"], "more"),
          { ...node("Conv", ["b"], ["c"], "own"), domain: "com.example" },
        ],
      })),
    /2 operators that sabok does not import:\n {2}Unique \("mix", "more"\)\n {2}com.example.Conv \("own"\)/,
  ],
  [
    "a tensor of another size than its bytes",
    () =>
      altered((g) => ({
        ...g,
        initializer: g.initializer!.map((t, i) => (i === 0 ? { ...t, dims: [6, 3, 3, 4] } : t)),
      })),
    /The weight "stem.conv.weight" of shape \[6,3,3,4\] and type float32 takes 864 bytes, but the file has 648/,
  ],
  [
    "a tensor of a gigantic shape",
    () =>
      altered((g) => ({
        ...g,
        initializer: g.initializer!.map((t) => ({ ...t, dims: [2 ** 40, 2 ** 40] })),
      })),
    /its dimensions must be whole numbers/,
  ],
  [
    "a negative dimension",
    () => altered((g) => ({ ...g, initializer: g.initializer!.map((t) => ({ ...t, dims: [-1] })) })),
    /has shape \[-1\]/,
  ],
  [
    "strings as weights",
    () => altered((g) => ({ ...g, initializer: g.initializer!.map((t) => ({ ...t, dataType: 8 })) })),
    /element type 8/,
  ],
  [
    "weights in another file, which is not given",
    () => altered((g) => ({ ...g, initializer: g.initializer!.map((t) => inFile(t, "weights.bin")) })),
    /keeps its data in the file "weights.bin"; open the model by its path/,
  ],
  ...["../secret", "/etc/passwd", "a/../../b", "C:\\x", ""].map(
    (location) =>
      [
        `weights outside its folder, in "${location}"`,
        () => altered((g) => ({ ...g, initializer: g.initializer!.map((t) => inFile(t, location)) })),
        /which is not a path inside the model's folder; it is not read/,
      ] as const,
  ),
  [
    "functions that call each other",
    () => {
      const call = (opType: string) => [{ ...node(opType, ["x"], ["y"]), domain: "own" }];
      const body = (name: string, of: string) => ({
        name,
        domain: "own",
        input: ["x"],
        output: ["y"],
        node: call(of),
      });
      return altered((g) => ({ ...g, node: call("a") }), { functions: [body("a", "b"), body("b", "a")] });
    },
    /The function . calls itself, or functions nest too deep/,
  ],
  [
    "a gigantic repetition",
    () =>
      altered((g) => ({
        ...g,
        initializer: [{ name: "many", dims: [4], dataType: 7, int64Data: [1, 1, 1, 2 ** 40] }],
        node: [node("Tile", ["image", "many"], ["logits"])],
      })),
    /Tile "tile": its repeats are \[1,1,1,1099511627776\]/,
  ],
  [
    "a cycle",
    () => altered((g) => ({ ...g, node: [node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"])] })),
    /Relu "relu": it reads "b", which neither/,
  ],
  [
    "a missing operand",
    () => altered((g) => ({ ...g, node: [node("Add", ["image"], ["logits"])] })),
    /Add "add": operand 1 is left out/,
  ],
  [
    "a tensor made twice",
    () => altered((g) => ({ ...g, node: [node("Relu", ["image"], ["a"]), node("Relu", ["image"], ["a"])] })),
    /defines "a" twice/,
  ],
  [
    "an output nobody makes",
    () => altered((g) => ({ ...g, node: [] })),
    /graph "outputs": it reads "logits"/,
  ],
  [
    "a second output in use",
    () =>
      altered((g) => ({
        ...g,
        node: [node("Relu", ["image"], ["a", "mask"]), node("Relu", ["mask"], ["logits"])],
      })),
    /it reads output 1 of Relu "relu"/,
  ],
  [
    "an old opset",
    () => altered((g) => g, { opsetImport: [{ domain: "", version: 5 }] }),
    /opset 5; sabok reads opset 6 and newer/,
  ],
  [
    "text as input",
    () => altered((g) => ({ ...g, input: [{ name: "image", type: { tensorType: { elemType: 8 } } }] })),
    /The input "image" holds type 8; sabok feeds plain numbers/,
  ],
  [
    "an input without a shape",
    () => altered((g) => ({ ...g, input: [{ name: "image", type: { tensorType: { elemType: 1 } } }] })),
    /has no shape; give it as shapes/,
  ],
  [
    "an open size",
    () => altered((g) => ({ ...g, input: [imageOf({ dimParam: "height" })] })),
    /The input "image" has shape \[batch,3,height,8\], of which axis 2 is open/,
  ],
  [
    "shapes that do not fit",
    () => altered((g) => ({ ...g, input: [imageOf({ dimValue: 30 })] })),
    /linear "head": x has \d+ features but w expects/,
  ],
];

function inFile(proto: MessageInit<"TensorProto">, location: string): MessageInit<"TensorProto"> {
  const { rawData: _, ...rest } = proto;
  return { ...rest, dataLocation: 1, externalData: [{ key: "location", value: location }] };
}

function imageOf(height: MessageInit<"DimensionProto">): MessageInit<"ValueInfoProto"> {
  const dim = [{ dimParam: "batch" }, { dimValue: 3 }, height, { dimValue: 8 }];
  return { name: "image", type: { tensorType: { elemType: 1, shape: { dim } } } };
}

describe("an ONNX file that holds", () => {
  for (const [what, make, message] of refused)
    test(what, () => {
      expect(() => fromOnnx(make())).toThrow(SabokError);
      expect(() => fromOnnx(make())).toThrow(message);
    });
});
