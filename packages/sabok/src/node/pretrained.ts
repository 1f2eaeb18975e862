// Weights that a run begins with: a file, a run's folder, or a published network by name, downloaded once and checked.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { SabokError, nearestNames, type Tensor } from "../core/index.ts";
import type { Graph } from "../graph/index.ts";
import { readSafetensors, type ModelMetadata } from "../onnx/index.ts";
import { cacheFolder, download } from "./data/download.ts";
import { nearestEntries } from "./data/nearestEntries.ts";
import { reason } from "./data/readImage.ts";
import type { DataProgress } from "./data/readOptions.ts";
import { readModelFile } from "./openModel.ts";

/** Weights as they were read; what `fitImages` begins with. */
export interface PretrainedFile {
  readonly from: string;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The network they are of, where the file has it. */
  readonly graph?: Graph;
  readonly metadata: ModelMetadata;
  readonly sha256: string;
  readonly address?: string;
}

export interface PretrainedOptions {
  readonly onProgress?: (progress: DataProgress) => void;
  readonly log?: (line: string) => void;
  /** Where the published networks are. Default: $HF_ENDPOINT, or https://huggingface.co. */
  readonly home?: string;
}

/**
 * The published networks that sabok has, by the names people give them, and the repository of each. timm publishes safetensors with
 * timm's names for the mobile networks and torchvision's for the residual ones; its "tv_" repositories are torchvision's own weights.
 */
export const publishedWeights: Readonly<Record<string, string>> = {
  "timm/mobilenetv2_050": "timm/mobilenetv2_050.lamb_in1k",
  "timm/mobilenetv2_100": "timm/mobilenetv2_100.ra_in1k",
  "timm/mobilenetv2_140": "timm/mobilenetv2_140.ra_in1k",
  "timm/mobilenetv3_small_050": "timm/mobilenetv3_small_050.lamb_in1k",
  "timm/mobilenetv3_small_075": "timm/mobilenetv3_small_075.lamb_in1k",
  "timm/mobilenetv3_small_100": "timm/mobilenetv3_small_100.lamb_in1k",
  "timm/mobilenetv3_large_100": "timm/mobilenetv3_large_100.ra_in1k",
  "timm/resnet18": "timm/resnet18.a1_in1k",
  "timm/resnet50": "timm/resnet50.a1_in1k",
  "torchvision/resnet18": "timm/resnet18.tv_in1k",
  "torchvision/resnet50": "timm/resnet50.tv_in1k",
};

/**
 * Reads weights from a .safetensors file (torchvision's or timm's names), an .onnx file, a run's folder, or by a published name such as
 * "timm/mobilenetv2_100.ra_in1k". Throws a SabokError where there are none, a file is cut, or the network cannot be reached.
 */
export async function readPretrained(from: string, options: PretrainedOptions = {}): Promise<PretrainedFile> {
  const found = await stat(from).catch(() => undefined);
  if (!found && /^(timm|torchvision)\//.test(from)) return published(from, options);
  if (!found)
    throw new SabokError(
      `${from}: no such file or folder.${await nearestEntries(from, "file")} Published weights are named timm/<name> or torchvision/<name>.`,
    );
  if (found.isDirectory()) {
    const model = await readModelFile(from);
    return {
      from,
      ...model,
      sha256: await hashOf(join(from, "model.safetensors"), join(from, "model.onnx")),
    };
  }
  if (extname(from) !== ".safetensors")
    return { from, ...(await readModelFile(from)), sha256: await hashOf(from) };
  const beside = await stat(from.replace(/\.safetensors$/, ".json")).catch(() => undefined);
  if (beside?.isFile()) return { from, ...(await readModelFile(from)), sha256: await hashOf(from) };
  return fileOfWeights(from, await readFile(from));
}

async function published(
  from: string,
  { onProgress, log, home }: PretrainedOptions,
): Promise<PretrainedFile> {
  const repository = publishedWeights[from] ?? (/^timm\/[\w-]+\.[\w.-]+$/.test(from) ? from : undefined);
  if (repository === undefined) {
    const known = Object.keys(publishedWeights);
    const [nearest] = nearestNames(from, known, 1);
    throw new SabokError(
      `${from}: sabok knows no published weights of this name.${nearest ? ` Did you mean ${nearest}?` : ""} There are ${known.join(", ")}, ` +
        "and timm's repositories by their full names (timm/mobilenetv2_100.ra_in1k).",
    );
  }
  if (repository.startsWith("timm/tf_"))
    throw new SabokError(
      `${from}: timm's tf_ networks pad as TensorFlow does, which sabok's do not; take one without tf_.`,
    );
  const folder = join(cacheFolder(), "weights", repository);
  const base = `${home ?? process.env["HF_ENDPOINT"] ?? "https://huggingface.co"}/${repository}`;
  const address = `${base}/resolve/main/model.safetensors`;
  const cached = (await readdir(folder).catch(() => [])).find((name) =>
    /^[0-9a-f]{64}\.safetensors$/.test(name),
  );
  const sum = cached?.slice(0, 64) ?? (await publishedSum(from, `${base}/raw/main/model.safetensors`));
  const name = `${sum}.safetensors`;
  if (!cached) log?.(`${from}: downloading to ${folder}`);
  await mkdir(folder, { recursive: true }).catch(() => {});
  const file = { name, urls: [address], sha256: sum, checksumOf: "file" as const };
  const path = await download(
    file,
    folder,
    onProgress && ((progress) => onProgress({ ...progress, what: from })),
  );
  const bytes = await readFile(path);
  if (sha256(bytes) !== sum)
    throw new SabokError(`${path}: was changed or cut since it was downloaded; remove it and try again.`);
  return { ...fileOfWeights(from, bytes), address };
}

/** The checksum that the repository states for its file: it keeps large files beside git, under their SHA-256. */
async function publishedSum(from: string, url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(patience) });
  } catch (error) {
    const cause = (error as Error).cause;
    throw new SabokError(
      `${from}: ${url} cannot be reached (${reason(cause ?? error)}). Is there a network? Weights from a file: --from <file.safetensors>.`,
      { cause: error },
    );
  }
  if (!response.ok)
    throw new SabokError(
      `${from}: ${url} answers ${response.status} ${response.statusText}; is there such a network?`,
    );
  const sum = /^oid sha256:([0-9a-f]{64})$/m.exec((await response.text()).slice(0, 1000))?.[1];
  if (sum === undefined)
    throw new SabokError(
      `${from}: ${url} states no checksum, so the weights could not be checked; they are not taken.`,
    );
  return sum;
}

/** Milliseconds until a server that does not answer is given up. */
const patience = 30_000;

function fileOfWeights(from: string, bytes: Uint8Array): PretrainedFile {
  try {
    return { from, weights: readSafetensors(bytes).tensors, metadata: {}, sha256: sha256(bytes) };
  } catch (error) {
    if (error instanceof SabokError) throw new SabokError(`${from}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The checksum of the first of the files that there is. */
async function hashOf(...paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes) return sha256(bytes);
  }
  throw new SabokError(`${paths[0]}: cannot be read.`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
