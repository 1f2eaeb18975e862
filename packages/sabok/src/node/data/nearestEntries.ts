// "Did you mean …" for paths that do not exist.
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { nearestNames } from "../../core/index.ts";

/** A sentence (with a space before it) naming the nearest existing neighbours of a path, or "". */
export async function nearestEntries(path: string, kind: "file" | "folder"): Promise<string> {
  const parent = dirname(resolve(path));
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return ` Its folder ${parent} does not exist either.`;
  const names = entries
    .filter((entry) => (kind === "folder" ? entry.isDirectory() : entry.isFile()))
    .map((entry) => entry.name);
  const nearest = nearestNames(basename(resolve(path)), names).map((name) => join(dirname(path), name));
  return nearest.length > 0 ? ` Did you mean ${nearest.join(", ")}?` : "";
}
