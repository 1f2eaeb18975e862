// One process at a time writes into a run's folder: a lock file that says whose it is, and is taken over when that process is gone.
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { SabokError } from "../core/index.ts";
import { reason } from "./data/readImage.ts";

/** The lock's name in the folder of a run. */
export const lockFile = ".lock";

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly id: string;
}

export interface RunLock {
  /** Gives the folder free; a second call does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a run's folder, which must exist. A lock whose process is gone is taken over. Throws a SabokError that names the
 * process which writes into the folder.
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const path = join(folder, lockFile);
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await claim(path, own)) return { release: () => release(path, own) };
    const owner = await ownerOf(path);
    if (owner === "gone") continue;
    if (owner && isAlive(owner))
      throw new SabokError(
        `${folder}: process ${owner.pid} on ${owner.host} has been writing into it since ${owner.since}. Wait for it, stop it, or choose another ` +
          `folder (--out). If there is no such process, remove ${path}.`,
      );
    await setAside(path, owner);
  }
  throw new SabokError(`${folder}: other processes keep taking ${path}; choose another folder (--out).`);
}

/** Puts the lock there whole, or finds that there is one. */
async function claim(path: string, own: Owner): Promise<boolean> {
  const draft = `${path}.${own.id}.part`;
  try {
    await writeFile(draft, `${JSON.stringify(own)}\n`, { flag: "wx" });
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new SabokError(`${path}: cannot be written: ${reason(error)}.`, { cause: error });
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Whose a lock is; undefined where it does not say, "gone" where it has been released meanwhile. */
async function ownerOf(path: string): Promise<Owner | "gone" | undefined> {
  try {
    const owner = JSON.parse(await readFile(path, "utf8")) as Partial<Owner>;
    return typeof owner.pid === "number" && typeof owner.host === "string" ? (owner as Owner) : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

/** Of another machine's process nothing is known, so it counts as alive. */
function isAlive({ pid, host }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Moves a dead process's lock away; where another process was faster and the moved one is its new lock, puts that back. */
async function setAside(path: string, dead: Owner | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    await rename(path, aside);
    const moved = await ownerOf(aside);
    if (moved !== "gone" && moved?.id !== dead?.id) await link(aside, path).catch(() => {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, { id }: Owner): Promise<void> {
  const owner = await ownerOf(path);
  if (owner !== "gone" && owner?.id === id) await rm(path, { force: true });
}
