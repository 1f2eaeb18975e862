// The folder of a run on disk. A file appears under its name only when all of it is on the disk: it is written under a
// temporary name beside it, synced, and renamed.
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { SabokError } from "../core/index.ts";
import { nearestEntries } from "./data/nearestEntries.ts";
import { reason } from "./data/readImage.ts";
import { lockFile } from "./runLock.ts";

/** Files by name in one folder; what the recipes call a run store. */
export interface RunFolder {
  /** The folder's path, as it was given. */
  readonly name: string;
  read(file: string): Promise<Uint8Array | undefined>;
  write(file: string, content: Uint8Array | string): Promise<void>;
  remove(files: readonly string[]): Promise<void>;
  list(folder: string): Promise<string[]>;
  ensureRoom(bytes: number): Promise<void>;
  /** Removes the folder, and those made for it, if nothing is in it: for a run that failed before it began. */
  discard(): Promise<void>;
}

/** Any of these in a folder says that it holds a run. */
const marks = ["checkpoint", "metrics.jsonl", "model.json", "model.onnx", "report.html"] as const;

/**
 * Makes the folder of a new run, or takes an empty one, and proves by a probe file that it can be written.
 * Throws a SabokError for a folder that holds a run already or other files, unless `replace`; for a path that is a
 * file, and for a folder that cannot be made or written.
 */
export async function createRunFolder(path: string, { replace = false } = {}): Promise<RunFolder> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new SabokError(`${path}: a file; give a folder for the run (--out).`);
  const firstMade = await makeFolders(resolve(path)).catch(refuse(path, "cannot be made"));
  const entries = (await readdir(path).catch(refuse(path, "cannot be read"))).filter(
    (entry) => entry !== lockFile,
  );
  const earlier = entries.filter((entry) => (marks as readonly string[]).includes(entry));
  if (earlier.length > 0 && !replace)
    throw new SabokError(
      `${path} holds a run already (${earlier.join(", ")}). Continue it by --resume ${path}, ` +
        "replace it by --force, or choose another folder (--out).",
    );
  if (entries.length > 0 && earlier.length === 0 && !replace)
    throw new SabokError(
      `${path} is not empty and holds no run. Choose another folder (--out), or write into it by --force.`,
    );
  await probe(path).catch(async (error: unknown) => {
    await removeEmpty(path, firstMade);
    throw error;
  });
  return runFolder(path, firstMade);
}

/**
 * Opens the folder of an existing run; `write` also proves that it can be written and clears away what a killed
 * process left. Throws a SabokError, with the nearest names, where there is no such folder or no run in it.
 */
export async function openRunFolder(path: string, { write = false } = {}): Promise<RunFolder> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new SabokError(`${path}: no such run folder.${await nearestEntries(path, "folder")}`);
  if (!found.isDirectory()) throw new SabokError(`${path}: a file; give the folder of a run.`);
  const entries = await readdir(path).catch(refuse(path, "cannot be read"));
  if (!entries.some((entry) => (marks as readonly string[]).includes(entry)))
    throw new SabokError(`${path}: holds no run: neither a checkpoint nor a model is in it.`);
  if (write) {
    await probe(path);
    for (const folder of [path, join(path, "checkpoint")])
      for (const entry of await readdir(folder).catch(() => []))
        if (isTemporary(entry)) await rm(join(folder, entry), { force: true });
  }
  return runFolder(path);
}

/** Writes a file whole or not at all: temporary name in the same folder, fsync, rename. */
export async function writeFileWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.part`);
  try {
    await makeFolders(resolve(dirname(path)));
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    refuse(path, "cannot be written")(error);
  }
  await syncFolder(dirname(path));
}

function runFolder(path: string, firstMade?: string): RunFolder {
  return {
    name: path,
    read: (file) =>
      readFile(join(path, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        return refuse(join(path, file), "cannot be read")(error);
      }),
    write: (file, content) => writeFileWhole(join(path, file), content),
    async remove(files) {
      for (const file of files) await rm(join(path, file), { force: true });
    },
    list: (folder) => readdir(join(path, folder)).catch(() => []),
    async ensureRoom(bytes) {
      const { bavail, bsize } = await statfs(path);
      if (bavail * bsize < bytes)
        throw new SabokError(
          `${resolve(path)}: the disk has ${mebibytes(bavail * bsize)} free and the run needs ${mebibytes(bytes)}; ` +
            "make room or choose another folder (--out).",
        );
    },
    discard: () => removeEmpty(path, firstMade),
  };
}

/**
 * Makes a folder and those above it that are missing, and returns the topmost made; undefined where there was nothing to
 * make. (mkdir's own `recursive` never returns where a file system like /proc answers ENOENT for a folder that is there.)
 */
async function makeFolders(path: string): Promise<string | undefined> {
  const exists = async (folder: string): Promise<boolean> =>
    (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  if (await exists(path)) return undefined;
  const above = dirname(path) === path ? undefined : await makeFolders(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await exists(path))) throw error;
  });
  return above ?? path;
}

/** Removes a folder and those above it up to `last`, as far as they are empty. */
async function removeEmpty(path: string, last: string | undefined): Promise<void> {
  for (let folder = resolve(path); last !== undefined && folder.startsWith(last); folder = dirname(folder))
    await rmdir(folder).catch(() => {});
}

/** Bytes of the probe file: more than a file system keeps in its own tables. */
const probeBytes = 64 * 1024;

async function probe(path: string): Promise<void> {
  const file = join(path, `.probe.${randomUUID().slice(0, 8)}.part`);
  try {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(new Uint8Array(probeBytes));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    refuse(path, "cannot be written")(error);
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".part");
}

/** So that the rename itself outlasts a power cut; not every system can sync a folder. */
async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file is whole either way.
  }
}

const explanations: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "a part of the path is a file",
  ENOENT: "the file system does not allow it",
};

function refuse(path: string, what: string): (error: unknown) => never {
  return (error) => {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new SabokError(`${path} ${what}: ${explanations[code] ?? reason(error)}.`, { cause: error });
  };
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
}
