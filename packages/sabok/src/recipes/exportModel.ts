// A trained model in one of the forms it is shipped in.
import { toOnnx, writeModelJson, writeSafetensors } from "../onnx/index.ts";
import { foldedNetwork } from "./foldedNetwork.ts";
import type { TrainedModel } from "./trainedModel.ts";

export const exportFormats = ["onnx", "safetensors"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * The files of a model, by ending: "onnx" is one file, batch norm folded and the batch dynamic; "safetensors" is the
 * weights under their own names and the graph as JSON beside them.
 */
export function exportModel(
  { graph, weights, metadata }: TrainedModel,
  format: ExportFormat,
): Record<string, Uint8Array> {
  if (format === "onnx") {
    const folded = foldedNetwork({ graph, weights });
    return { ".onnx": toOnnx(folded.graph, folded.weights, { metadata }) };
  }
  return {
    ".safetensors": writeSafetensors(weights),
    ".json": new TextEncoder().encode(writeModelJson(graph, metadata)),
  };
}
