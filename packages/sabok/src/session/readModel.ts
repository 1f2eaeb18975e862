// The one place that tells model files apart: ONNX, a tfjs model.json, TFLite, sabok's own pair, by ending and by content.
import { SabokError, type Shape, type Tensor } from "../core/index.ts";
import { isState, shapeOf, type Graph } from "../graph/index.ts";
import {
  fromOnnx,
  fromTfjs,
  fromTflite,
  onnxInputs,
  readModelJson,
  readSafetensors,
  type DeclaredInput,
  type ModelMetadata,
} from "../onnx/index.ts";
import { withInputShapes } from "../passes/index.ts";
import type { ModelSource } from "./modelSource.ts";

export type ModelFormat = "onnx" | "tfjs" | "tflite" | "sabok";

/** A model as it was read: a graph with known shapes, its numbers, and what the file says beside. */
export interface ModelFile {
  readonly format: ModelFormat;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly metadata: ModelMetadata;
  /** The element types the file gives inputs and outputs, by name, where it gives any: "float16", "uint8", "int64" … */
  readonly elementTypes: {
    readonly inputs: Readonly<Record<string, string>>;
    readonly outputs: Readonly<Record<string, string>>;
  };
}

export interface ReadModelOptions {
  /** Shapes of inputs by name, in the file's own order of axes (tfjs and TFLite: [N,H,W,C]); for what the file leaves open. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Where a part of a tfjs or TFLite model ends: names of nodes or tensors. */
  readonly outputs?: readonly string[];
}

/** A model whose shapes may still be open; `bind` gives it with the given ones, as often as shapes change. */
export interface OpenedModel {
  readonly name: string;
  readonly format: ModelFormat;
  /** What ONNX files declare, open dimensions too; undefined for formats that state whole shapes. */
  readonly declared: readonly DeclaredInput[] | undefined;
  bind(options?: ReadModelOptions): Promise<ModelFile>;
}

/**
 * Opens a model file of any format that sabok reads. Throws a SabokError where the bytes are none of them; what is wrong inside of
 * one is said when it is bound.
 */
export async function openModel(source: ModelSource): Promise<OpenedModel> {
  const { name, bytes } = source;
  switch (formatOf(source)) {
    case "onnx":
      return {
        name,
        format: "onnx",
        declared: onnxInputs(bytes),
        bind: (options) => readOnnx(source, options),
      };
    case "tfjs":
      return { name, format: "tfjs", declared: undefined, bind: (options) => readTfjs(source, options) };
    case "tflite":
      return {
        name,
        format: "tflite",
        declared: undefined,
        bind: (options) => Promise.resolve(readTflite(source, options)),
      };
    case "sabok": {
      const pair = await readPair(source);
      return {
        name,
        format: "sabok",
        declared: undefined,
        bind: (options) => Promise.resolve(resized(pair, options)),
      };
    }
  }
}

/** Reads a model file of any format. Throws a SabokError that names the file. */
export async function readModel(source: ModelSource, options: ReadModelOptions = {}): Promise<ModelFile> {
  return (await openModel(source)).bind(options);
}

/** By the ending; a name without a known one is told by what the bytes begin with. */
function formatOf({ name, bytes }: ModelSource): ModelFormat {
  const ending = /\.(\w+)(?:[?#].*)?$/.exec(name)?.[1]?.toLowerCase();
  if (bytes.length === 0) throw new SabokError(`${name}: the file is empty.`);
  if (ending === "onnx") return "onnx";
  if (ending === "tflite" || String.fromCharCode(...bytes.subarray(4, 8)) === "TFL3") return "tflite";
  if (ending === "safetensors") return "sabok";
  if (ending === "json" || bytes[0] === 0x7b) return jsonFormat(name, bytes);
  // A ModelProto begins with its IR version: field 1, a small number.
  if (bytes[0] === 0x08 && bytes[1]! < 0x40) return "onnx";
  throw new SabokError(
    `${name}: not a model; expected .onnx, .tflite, a tfjs model.json, or sabok's model.json or model.safetensors.`,
  );
}

function jsonFormat(name: string, bytes: Uint8Array): ModelFormat {
  const text = new TextDecoder().decode(bytes);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SabokError(`${name}: is cut short or damaged: it is not JSON (${(error as Error).message}).`, {
      cause: error,
    });
  }
  const keys = typeof document === "object" && document !== null ? document : {};
  if ("modelTopology" in keys) return "tfjs";
  if ("format" in keys && keys.format === "sabok graph") return "sabok";
  throw new SabokError(
    `${name}: this JSON is neither a tfjs graph model (it has no modelTopology) nor a graph of sabok.`,
  );
}

async function readOnnx(source: ModelSource, { shapes = {} }: ReadModelOptions = {}): Promise<ModelFile> {
  const files = new Map<string, Uint8Array>();
  for (;;) {
    let wanted: string | undefined;
    try {
      const external = (location: string): Uint8Array => {
        const bytes = files.get(location);
        if (bytes) return bytes;
        wanted = location;
        throw new SabokError(`"${location}" is not read yet.`);
      };
      return { format: "onnx", ...fromOnnx(source.bytes, { shapes, external }) };
    } catch (error) {
      if (wanted === undefined) throw named(source.name, error);
      files.set(wanted, await source.beside(wanted));
    }
  }
}

async function readTfjs(
  source: ModelSource,
  { shapes = {}, outputs }: ReadModelOptions = {},
): Promise<ModelFile> {
  const json = new TextDecoder().decode(source.bytes);
  const { weightsManifest: groups } = JSON.parse(json) as {
    readonly weightsManifest?: readonly { readonly paths?: readonly string[] }[];
  };
  const shards = new Map<string, Uint8Array>();
  for (const path of (groups ?? []).flatMap(({ paths = [] }) => paths))
    shards.set(path, await source.beside(path));
  try {
    const model = fromTfjs(json, shards, {
      ...(Object.keys(shapes).length > 0 && { inputs: shapes }),
      ...(outputs && { outputs }),
    });
    return { format: "tfjs", ...model, metadata: {}, elementTypes: { inputs: {}, outputs: {} } };
  } catch (error) {
    throw named(source.name, error);
  }
}

function readTflite(
  { name, bytes }: ModelSource,
  { shapes = {}, outputs }: ReadModelOptions = {},
): ModelFile {
  try {
    const model = fromTflite(bytes, {
      ...(Object.keys(shapes).length > 0 && { inputs: shapes }),
      ...(outputs && { outputs }),
    });
    return { format: "tflite", ...model, elementTypes: { inputs: {}, outputs: {} } };
  } catch (error) {
    throw named(name, error);
  }
}

/** sabok's own pair, opened by either of its files. */
async function readPair(source: ModelSource): Promise<ModelFile> {
  const { name, bytes } = source;
  const stem = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1).replace(/\.\w+$/, "");
  const isJson = bytes[0] === 0x7b;
  const document = isJson ? bytes : await source.beside(`${stem}.json`);
  const numbers = isJson ? await source.beside(`${stem}.safetensors`) : bytes;
  try {
    const { graph, metadata } = readModelJson(new TextDecoder().decode(document));
    const weights = readSafetensors(numbers).tensors;
    const missing = graph.values
      .filter(isState)
      .find(({ name: state, type }) => weights.get(state)?.shape.join() !== type.shape.join());
    if (missing)
      throw new SabokError(
        `${stem}.safetensors is of another network than ${stem}.json: it has no "${missing.name}" of shape [${shapeOf(missing)}].`,
      );
    return { format: "sabok", graph, weights, metadata, elementTypes: { inputs: {}, outputs: {} } };
  } catch (error) {
    throw named(name, error);
  }
}

function resized(model: ModelFile, { shapes = {} }: ReadModelOptions = {}): ModelFile {
  return Object.keys(shapes).length === 0 ? model : { ...model, graph: withInputShapes(model.graph, shapes) };
}

/** The same error with the file's name in front; anything but a SabokError as it is. */
function named(name: string, error: unknown): unknown {
  return error instanceof SabokError && !error.message.startsWith(name)
    ? new SabokError(`${name}: ${error.message}`, { cause: error })
    : error;
}
