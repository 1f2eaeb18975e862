// The trained networks that come with the study.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SabokError, nearestNames, type Tensor } from "../core/index.ts";
import { readSafetensors } from "../onnx/safetensors.ts";
import { assetsFolder } from "./assetsFolder.ts";

/** The states of assets/study/<name>.safetensors, by name. Throws a SabokError where there is no such file. */
export async function readStudyCheckpoint(name: string): Promise<ReadonlyMap<string, Tensor>> {
  const folder = join(assetsFolder(), "study");
  const known = (await readdir(folder).catch(() => [])).map((file) => file.replace(/\.safetensors$/, ""));
  if (!known.includes(name)) {
    const nearest = nearestNames(name, known, 1)[0];
    throw new SabokError(
      `${join(folder, `${name}.safetensors`)} is missing.${nearest ? ` Did you mean ${nearest}?` : ""} The scripts in tools/study make these files.`,
    );
  }
  return readSafetensors(await readFile(join(folder, `${name}.safetensors`))).tensors;
}
