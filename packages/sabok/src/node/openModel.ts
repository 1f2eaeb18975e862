// Models on disk: a file of any format or the folder of a finished run, and images as what they are fed.
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { SabokError, type Tensor } from "../core/index.ts";
import {
  bytesSource,
  createInferenceSession,
  imageTensor,
  openModel,
  readModel,
  type ImageOptions,
  type InferenceSession,
  type ModelFile,
  type ModelSource,
  type OpenOptions,
  type Pixels,
  type ReadModelOptions,
} from "../session/index.ts";
import { loadSharp, reason } from "./data/readImage.ts";
import { nearestEntries } from "./data/nearestEntries.ts";

/**
 * Opens a model for inference: the path of an .onnx or .tflite file, a tfjs model.json, sabok's model.json or model.safetensors, the folder of a run
 * (its finished model), or the bytes of a file that stands alone. Files beside the model are read as they are needed; none outside
 * of its folder. Throws a SabokError where there is no such file, or it is no model.
 */
export async function open(
  target: string | URL | Uint8Array | ArrayBuffer,
  options: OpenOptions = {},
): Promise<InferenceSession> {
  return createInferenceSession(await openModel(await sourceOf(target)), options);
}

/** Reads a model file, or the finished model of a run's folder, as a graph with known shapes. Throws as `open` does. */
export async function readModelFile(path: string, options: ReadModelOptions = {}): Promise<ModelFile> {
  return readModel(await sourceOf(path), options);
}

/**
 * An image file, or pixels, as a tensor [1,3,H,W]; upright by its EXIF orientation. Throws a SabokError where it is missing or
 * does not decode.
 */
export async function fromImage(
  target: string | URL | Uint8Array | Pixels,
  options: ImageOptions = {},
): Promise<Tensor & { readonly data: Float32Array }> {
  if (typeof target === "object" && "width" in target) return imageTensor(target, options);
  const file = target instanceof URL ? fileURLToPath(target) : target;
  if (typeof file === "string" && !(await stat(file).catch(() => undefined))?.isFile())
    throw new SabokError(`${file}: no such image file.${await nearestEntries(file, "file")}`);
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(file, { autoOrient: true })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return imageTensor({ data, width: info.width, height: info.height }, options);
  } catch (error) {
    if (error instanceof SabokError) throw error;
    const name = typeof file === "string" ? file : "the image";
    throw new SabokError(`${name}: does not decode as an image: ${reason(error)}.`, { cause: error });
  }
}

async function sourceOf(target: string | URL | Uint8Array | ArrayBuffer): Promise<ModelSource> {
  if (target instanceof Uint8Array) return bytesSource("model", target);
  if (target instanceof ArrayBuffer) return bytesSource("model", new Uint8Array(target));
  const given = target instanceof URL ? fileURLToPath(target) : target;
  const found = await stat(given).catch(() => undefined);
  if (!found) throw new SabokError(`${given}: no such file or folder.${await nearestEntries(given, "file")}`);
  const path = found.isDirectory() ? await modelOfFolder(given) : given;
  const folder = await realpath(dirname(path));
  return {
    name: path,
    bytes: await readFile(path).catch((error: unknown) => {
      throw new SabokError(`${path}: cannot be read: ${reason(error)}.`, { cause: error });
    }),
    async beside(location) {
      const file = await realpath(join(folder, location)).catch((error: unknown) => {
        throw new SabokError(`${location}: no such file beside ${basename(path)}.`, { cause: error });
      });
      if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep))
        throw new SabokError(`${location}: lies outside of the model's folder; it is not read.`);
      return readFile(file);
    },
  };
}

async function modelOfFolder(folder: string): Promise<string> {
  const isFile = async (name: string): Promise<boolean> =>
    (await stat(join(folder, name)).catch(() => undefined))?.isFile() ?? false;
  if (await isFile("model.json")) return join(folder, "model.json");
  if (await isFile("model.onnx")) return join(folder, "model.onnx");
  const unfinished = (await isFile("checkpoint/checkpoint.json"))
    ? ` The run is not finished; go on by sabok fit --resume ${folder}.`
    : "";
  throw new SabokError(`${folder}: holds no model: neither model.json nor model.onnx is in it.${unfinished}`);
}
