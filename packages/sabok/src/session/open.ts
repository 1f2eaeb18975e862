// Opening a model in a page: by its address, as a file the user chose, or as bytes.
import { SabokError } from "../core/index.ts";
import { createInferenceSession, type InferenceSession, type OpenOptions } from "./inferenceSession.ts";
import { bytesSource, filesSource, type ModelSource } from "./modelSource.ts";
import { openModel } from "./readModel.ts";

/**
 * Where a model is: an address (files beside it are fetched as they are needed), bytes, a file of an input or a drop, or
 * several such files of which the model is the first that is one.
 */
export type OpenTarget = string | URL | ArrayBuffer | Uint8Array | Blob | readonly File[];

/**
 * Opens a model of any format for inference: ONNX, TFLite, a tfjs graph model (model.json), sabok's own pair. In Node, `sabok/node` has an `open` that
 * takes paths. Throws a SabokError where there is none, or it is none.
 */
export async function open(target: OpenTarget, options: OpenOptions = {}): Promise<InferenceSession> {
  return createInferenceSession(await openModel(await sourceOf(target)), options);
}

async function sourceOf(target: OpenTarget): Promise<ModelSource> {
  if (typeof target === "string" || target instanceof URL) {
    // A page's own base; in a worker its script's address; none in Node, where an address is whole.
    const place = typeof location === "undefined" ? undefined : location.href;
    const base = typeof document === "undefined" ? place : document.baseURI;
    return addressSource(new URL(target, base));
  }
  if (target instanceof Uint8Array) return bytesSource("model", target);
  if (target instanceof ArrayBuffer) return bytesSource("model", new Uint8Array(target));
  const files = target instanceof Blob ? [target] : target;
  if (files.length === 0) throw new SabokError("open: no file was given.");
  const read = new Map<string, Uint8Array>();
  for (const [i, file] of files.entries())
    read.set(file instanceof File ? file.name : `model ${i + 1}`, new Uint8Array(await file.arrayBuffer()));
  const names = [...read.keys()];
  const main = names.find((name) => /\.(onnx|tflite|json)$/i.test(name)) ?? names[0]!;
  return filesSource(main, read);
}

async function addressSource(address: URL): Promise<ModelSource> {
  const folder = new URL(".", address);
  return {
    name: address.href,
    bytes: await fetched(address),
    beside(location) {
      const file = new URL(location, folder);
      if (!file.href.startsWith(folder.href))
        throw new SabokError(`${location}: lies outside of the model's folder; it is not read.`);
      return fetched(file);
    },
  };
}

async function fetched(address: URL): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (error) {
    throw new SabokError(`${address.href}: cannot be fetched: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (!response.ok)
    throw new SabokError(`${address.href}: the server answers ${response.status} ${response.statusText}.`);
  return new Uint8Array(await response.arrayBuffer());
}
