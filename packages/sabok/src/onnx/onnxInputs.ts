// What an ONNX model is fed, without importing it: its dimensions may still be open.
import { SabokError } from "../core/index.ts";
import { decodeMessage } from "./protobuf.ts";
import { elementTypeOf } from "./tensorProto.ts";

/** An input as a model file declares it. */
export interface DeclaredInput {
  readonly name: string;
  /** A dimension that the file leaves open is undefined; so is the whole shape where the file gives none. */
  readonly shape: readonly (number | undefined)[] | undefined;
  /** "float32", "float16", "uint8" … */
  readonly type: string;
}

/** The inputs that an ONNX model is fed; weights that old files list among them are left out. Throws SabokError for bytes that are no ONNX model. */
export function onnxInputs(bytes: Uint8Array): DeclaredInput[] {
  const { graph } = decodeMessage("ModelProto", bytes);
  if (!graph) throw new SabokError("This is not an ONNX model: it holds no graph.");
  const stored = new Set(graph.initializer.map(({ name }) => name));
  return graph.input
    .filter(({ name }) => !stored.has(name))
    .map(({ name = "", type }) => ({
      name,
      shape: type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue || undefined),
      type: elementTypeOf(type?.tensorType?.elemType ?? 0) ?? "float32",
    }));
}
