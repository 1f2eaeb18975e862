// Downloads that are either whole and right or absent: a temporary name, a checksum, then the rename.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { SabokError } from "../../core/index.ts";
import { reason } from "./readImage.ts";
import type { DataProgress } from "./readOptions.ts";

export interface DownloadFile {
  readonly name: string;
  /** Tried in this order. */
  readonly urls: readonly string[];
  readonly sha256: string;
  /** Whether the checksum is of the file as sent or of what its gzip holds, which does not change when it is packed again. */
  readonly checksumOf: "file" | "content";
}

/** Milliseconds without a byte after which a server is given up. */
const patience = 30_000;

/** The folder where downloads are kept: $XDG_CACHE_HOME/sabok, or its usual place on this system. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "sabok");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "sabok", "cache");
  return join(homedir(), ".cache", "sabok");
}

/**
 * Puts a file into `folder` unless it is there, and returns its path. Throws a SabokError that lists what each address
 * answered when none gives a file with the right checksum, and when the folder cannot be written.
 */
export async function download(
  file: DownloadFile,
  folder: string,
  onProgress?: (progress: DataProgress) => void,
): Promise<string> {
  const path = join(folder, file.name);
  if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new SabokError(`${folder}: cannot be made: ${reason(error)}.`, { cause: error });
  });
  const temporary = `${path}.${randomUUID()}.part`;
  const failures: string[] = [];
  for (const url of file.urls) {
    try {
      await fetchTo(url, temporary, (done, total) =>
        onProgress?.({ task: "download", what: file.name, done, ...(total === undefined ? {} : { total }) }),
      );
      const sum = await sha256(temporary, file.checksumOf);
      if (sum === file.sha256) {
        await rename(temporary, path);
        return path;
      }
      failures.push(`  ${url}: checksum ${sum.slice(0, 12)}… instead of ${file.sha256.slice(0, 12)}…`);
    } catch (error) {
      failures.push(`  ${url}: ${networkReason(error)}`);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  throw new SabokError(`${file.name} could not be downloaded to ${folder}:\n${failures.join("\n")}`);
}

async function fetchTo(
  url: string,
  path: string,
  report: (done: number, total: number | undefined) => void,
): Promise<void> {
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`no answer for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || response.body === null)
      throw new Error(`the server answers ${response.status} ${response.statusText}`);
    const length = response.headers.get("content-length");
    const total = length === null || response.headers.has("content-encoding") ? undefined : Number(length);
    let done = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, patience);
        done += chunk.length;
        report(done, total);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body as ReadableStream), counted, createWriteStream(path));
  } finally {
    clearTimeout(timer);
  }
}

async function sha256(path: string, of: DownloadFile["checksumOf"]): Promise<string> {
  const hash = createHash("sha256");
  if (of === "content") await pipeline(createReadStream(path), createGunzip(), hash);
  else await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** fetch says only "fetch failed"; what failed is in the cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return reason(error);
  const { code } = cause as { code?: string };
  return `${reason(cause) || code || reason(error)} (is there a network?)`;
}
