// TFLite files that are damaged, cut, crafted or of another kind: one clear SabokError, never anything else.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SabokError } from "../core/index.ts";
import { writeTflite, type TfliteRecord } from "../../../../tools/golden/writeTflite.mjs";
import { fromTflite } from "./fromTflite.ts";
import { fuzz } from "./testModels.ts";

const file = (name: string): Uint8Array =>
  readFileSync(new URL(`../../golden/tflite/${name}.tflite`, import.meta.url));

describe("random damage", () => {
  for (const name of ["quantised", "folding", "shapes"])
    test(`of the model "${name}"`, () => {
      expect(fuzz(file(name), (bytes) => fromTflite(bytes), 1000)).toEqual([]);
    });
  test("every prefix of a model", () => {
    const whole = file("resizing");
    for (let length = 0; length < whole.length; length++)
      try {
        fromTflite(whole.slice(0, length));
      } catch (error) {
        expect(`${length} ${error instanceof SabokError}`).toBe(`${length} true`);
      }
  });
});

const small: TfliteRecord = {
  tensors: [
    { name: "x", shape: [1, 4, 4, 2] },
    { name: "w", shape: [3, 1, 1, 2], data: [1, 2, 3, 4, 5, 6] },
    { name: "y", shape: [1, 4, 4, 3] },
    { name: "z", shape: [1, 4, 4, 3] },
    { name: "size", shape: [2], type: "int32", data: [8, 8] },
  ],
  operators: [
    { op: "CONV_2D", inputs: ["x", "w"], outputs: ["y"], options: { padding: 1, strideH: 1, strideW: 1 } },
    { op: "RELU", inputs: ["y"], outputs: ["z"] },
  ],
  inputs: ["x"],
  outputs: ["z"],
};
const changed = (change: Partial<TfliteRecord>): Uint8Array => writeTflite({ ...small, ...change });
const tensor = (name: string, change: object): Pick<TfliteRecord, "tensors"> => ({
  tensors: small.tensors.map((each) => (each.name === name ? { ...each, ...change } : each)),
});

/** Bytes [0, 8) that point to a table from byte 8 on. */
function crafted(...rest: number[]): Uint8Array {
  return Uint8Array.of(8, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33, ...rest);
}

const refused: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ["text", () => new TextEncoder().encode("hello, I am no model"), /not a TFLite model/],
  ["nothing", () => new Uint8Array(0), /not a TFLite model/],
  [
    "a table that points out of the file",
    () => crafted(0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0),
    /damaged or cut short: it points to bytes -2147483639 to/,
  ],
  [
    "a list of 2 GB in few bytes",
    // A table whose field 2, at byte 12, points to a list at 28 that claims 2³¹ − 1 entries; its list of offsets stands at 16.
    () =>
      crafted(
        ...[248, 255, 255, 255, 16, 0, 0, 0],
        ...[10, 0, 8, 0, 0, 0, 0, 0, 4, 0, 0, 0],
        ...[255, 255, 255, 127],
      ),
    /damaged or cut short: it points to bytes 32 to 8589934620, but has 32/,
  ],
  [
    "unknown operators",
    () =>
      changed({
        operators: [
          { op: "DENSIFY", inputs: ["x"], outputs: ["y"] },
          { op: "TFLite_Detection_PostProcess", inputs: ["y"], outputs: ["z"] },
        ],
      }),
    /2 operators that sabok does not import:\n {2}DENSIFY \("y"\)\n {2}custom TFLite_Detection_PostProcess \("z"\)\nGive inputs and outputs/,
  ],
  [
    "a weight of another size than its bytes",
    () => changed(tensor("w", { shape: [3, 1, 1, 20_000_000] })),
    /The weight "w" of shape \[3,1,1,20000000\] and type float32 takes 240000000 bytes, but the file has 24/,
  ],
  [
    "a negative dimension",
    () => changed(tensor("w", { shape: [-1, 1, 1, 2] })),
    /"w" has shape \[-1,1,1,2\]/,
  ],
  ["text as a weight", () => changed(tensor("w", { type: "string", data: undefined, buffer: 1 })), /"w"/],
  [
    "scales that do not fit",
    () => changed(tensor("w", { type: "int8", scale: [1, 2], axis: 0 })),
    /The weight "w" of shape \[3,1,1,2\] has 2 scales along axis 0/,
  ],
  [
    "a cycle",
    () =>
      changed({
        operators: [
          { op: "RELU", inputs: ["z"], outputs: ["y"] },
          { op: "RELU", inputs: ["y"], outputs: ["z"] },
        ],
      }),
    /RELU "y": it reads "z", which neither an input, the file nor an operator before it gives/,
  ],
  ["a missing input", () => changed({ inputs: [] }), /CONV_2D "y": it reads "x", which neither/],
  [
    "a missing operand",
    () => changed({ operators: [{ op: "ADD", inputs: ["x"], outputs: ["z"] }] }),
    /ADD "z": operand 1 is missing/,
  ],
  [
    "a tensor that is none of the graph's",
    () => changed({ operators: [{ op: "RELU", inputs: ["nobody"], outputs: ["z"] }] }),
    /RELU 0 names tensor 1000000 of 5/,
  ],
  [
    "a tensor made twice",
    () => changed({ operators: [...small.operators, { op: "RELU", inputs: ["y"], outputs: ["z"] }] }),
    /The model makes "z" twice/,
  ],
  [
    "an operator without its attributes",
    () => changed({ operators: [{ op: "CONV_2D", inputs: ["x", "w"], outputs: ["z"] }] }),
    /CONV_2D "z": its strides or dilations are \[0,0\]/,
  ],
  [
    "an open size",
    () => changed(tensor("x", { shape: [1, 0, 4, 2] })),
    /"x" has shape \[1,0,4,2\]; give it as inputs/,
  ],
  [
    "channels that do not fit",
    () => changed(tensor("x", { shape: [1, 4, 4, 5] })),
    /CONV_2D "y": x has 5 channels, no multiple of the 2 of its filter/,
  ],
  [
    "a size that is computed",
    () =>
      changed({
        operators: [{ op: "RESIZE_BILINEAR", inputs: ["x", "x"], outputs: ["z"] }],
      }),
    /RESIZE_BILINEAR "z": operand 1 is computed while the model runs/,
  ],
  [
    "a gigantic repetition",
    () =>
      changed({
        tensors: [
          ...small.tensors,
          { name: "times", shape: [4], type: "int32", data: [1, 1, 1, 2 ** 31 - 1] },
        ],
        operators: [{ op: "TILE", inputs: ["x", "times"], outputs: ["z"] }],
      }),
    /TILE "z": it takes 2147483647 numbers/,
  ],
];

describe("a TFLite file that holds", () => {
  for (const [what, make, message] of refused)
    test(what, () => {
      expect(() => fromTflite(make())).toThrow(SabokError);
      expect(() => fromTflite(make())).toThrow(message);
    });

  test("a tensor's name that is not in it", () => {
    expect(() => fromTflite(changed({}), { outputs: ["yy"] })).toThrow(/no tensor "yy". Did you mean "y"/);
  });
});
