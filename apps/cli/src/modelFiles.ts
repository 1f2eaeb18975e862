// Models and tensors as the files people have, by their endings.
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { SabokError, type Graph, type Shape, type Tensor } from "sabok";
import { openRunFolder, readImage, readModelFile } from "sabok/node";
import { readNpy, readTensorProto, type ModelMetadata } from "sabok/onnx";
import { loadRun } from "sabok/recipes";
import { UsageError } from "./command.ts";

export interface ModelFile {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly metadata: ModelMetadata;
}

export interface OpenModelOptions {
  /** Shapes of inputs, by name. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Where a part of a tfjs or TFLite model ends. */
  readonly outputs?: readonly string[];
}

/** How the shapes and ends of a model are given on the command line. */
export const modelArgs = {
  input: {
    type: "string",
    valueHint: "name=shape",
    description: "Shapes of inputs: image=1,3,224,224; several are parted by a semicolon",
  },
  outputs: {
    type: "string",
    valueHint: "names",
    description: "Where a tfjs or TFLite graph ends, parted by commas; its inputs may be any nodes",
  },
} as const;

/** Reads `modelArgs`. */
export function readModelArgs(given: {
  readonly input?: string | undefined;
  readonly outputs?: string | undefined;
}): OpenModelOptions {
  const shapes: Record<string, Shape> = {};
  for (const part of given.input?.split(";") ?? []) {
    const [name, list] = [part.slice(0, part.lastIndexOf("=")), part.slice(part.lastIndexOf("=") + 1)];
    const shape = list.split(",").map(Number);
    if (name === "" || shape.some((dimension) => !Number.isInteger(dimension) || dimension < 1))
      throw new UsageError(`--input: got "${part}"; expected name=1,3,224,224.`);
    shapes[name] = shape;
  }
  return { shapes, ...(given.outputs === undefined ? {} : { outputs: given.outputs.split(",") }) };
}

/** Opens a model file of any format, or a run's folder, finished or not. */
export async function openModelFile(path: string, options: OpenModelOptions = {}): Promise<ModelFile> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  return isFolder ? loadRun(await openRunFolder(path)) : readModelFile(path, options);
}

/** The numbers of a .npy or .pb file, or of an image scaled to the shape [N,C,H,W] and normalised as the metadata says. */
export async function readTensorFile(path: string, shape: Shape, metadata: ModelMetadata): Promise<Tensor> {
  const ending = extname(path);
  if (ending === ".npy") return readNpy(await readFile(path));
  if (ending === ".pb") return readTensorProto(await readFile(path));
  const [batch, channels, height, width] = shape;
  if (shape.length !== 4 || batch !== 1 || (channels !== 1 && channels !== 3))
    throw new SabokError(`${path}: an image does not fit an input of shape [${shape}].`);
  const pixels = await readImage(path, { channels, height: height!, width: width! });
  const area = height! * width!;
  const data = Float32Array.from(pixels, (pixel, i) => {
    const channel = Math.floor(i / area);
    return (pixel / 255 - (metadata.mean?.[channel] ?? 0.5)) / (metadata.std?.[channel] ?? 0.5);
  });
  return { shape, data };
}

/** Seeded numbers between −1 and 1 for every input. */
export function drawnFeeds({ inputs }: Graph): Record<string, Tensor> {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { type }]) => {
      const size = type.shape.reduce((a, b) => a * b, 1);
      return [name, { shape: type.shape, data: Float32Array.from({ length: size }, next) }];
    }),
  );
}
