import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cacheFolder, download, type DownloadFile } from "./download.ts";
import { namedDatasets } from "./namedDatasets.ts";
import { openDataset } from "./openDataset.ts";
import type { DataProgress } from "./readOptions.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const root = temporaryFolder(afterAll);
const content = Buffer.alloc(300_000, "sabok ");
const served = new Map<string, Buffer>([
  ["/plain", content],
  ["/packed", gzipSync(content)],
  ["/wrong", Buffer.from("something else")],
]);

let server: Server;
let home: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = served.get(request.url!);
    if (request.url === "/cut")
      response.writeHead(200, { "content-length": 1000 }).write("half", () => response.destroy());
    else if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function fileOf(name: string, ...paths: string[]): DownloadFile {
  return { name, urls: paths.map((path) => home + path), sha256: sha256(content), checksumOf: "file" };
}

describe("download", () => {
  it("puts the file in place with its progress, and does not fetch it twice", async () => {
    const progress: DataProgress[] = [];
    const path = await download(fileOf("a", "/plain"), join(root, "deep", "er"), (step) =>
      progress.push(step),
    );
    expect(readFileSync(path)).toEqual(content);
    expect(progress.at(-1)).toEqual({
      task: "download",
      what: "a",
      done: content.length,
      total: content.length,
    });
    expect(await download(fileOf("a", "/gone"), join(root, "deep", "er"))).toBe(path);
  });

  it("checks what the gzip holds where that is what is known", async () => {
    const path = await download({ ...fileOf("b.gz", "/packed"), checksumOf: "content" }, root);
    expect(readFileSync(path)).toEqual(served.get("/packed"));
  });

  it("goes on to the next address, and leaves nothing behind when all fail", async () => {
    const folder = join(root, "failing");
    expect(existsSync(await download(fileOf("c", "/gone", "/cut", "/wrong", "/plain"), folder))).toBe(true);
    await expect(download(fileOf("d", "/gone", "/wrong"), folder)).rejects.toThrow(
      /^d could not be downloaded to .*:\n.*\/gone: the server answers 404 Not Found\n.*\/wrong: checksum \w{12}… instead of \w{12}…$/,
    );
    await expect(download(fileOf("e", "/cut"), folder)).rejects.toThrow(/\/cut: /);
    await expect(download({ ...fileOf("f", "/wrong"), checksumOf: "content" }, folder)).rejects.toThrow(
      /\/wrong: incorrect header check/,
    );
    expect(readdirSync(folder)).toEqual(["c"]);
  });

  it("asks for the network when there is none, and for a folder when it cannot be made", async () => {
    const nobody = { ...fileOf("g"), urls: ["http://127.0.0.1:1/g"] };
    await expect(download(nobody, root)).rejects.toThrow(/127\.0\.0\.1:1\/g: .*\(is there a network\?\)/);
    writeFileSync(join(root, "file"), "");
    await expect(download(fileOf("h", "/plain"), join(root, "file", "x"))).rejects.toThrow(
      /file\/x: cannot be made: /,
    );
  });
});

describe("openDataset with download", () => {
  beforeEach(() => {
    vi.stubEnv("XDG_CACHE_HOME", join(root, "cache"));
    vi.spyOn(process, "cwd").mockReturnValue(root);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("unpacks CIFAR-10's archive into the cache and finds it there the next time", async () => {
    const archive = gzipSync(
      tar({
        "data_batch_1.bin": cifarBatch(),
        "test_batch.bin": cifarBatch(),
        "readme.html": Buffer.from("hi"),
      }),
    );
    served.set("/cifar.tar.gz", archive);
    const file: DownloadFile = {
      ...fileOf("cifar-10-binary.tar.gz", "/cifar.tar.gz"),
      sha256: sha256(archive),
    };
    vi.spyOn(namedDatasets.cifar10, "downloads", "get").mockReturnValue([file] as never);

    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    await expect(openDataset("cifar10", { seed: 1, log })).rejects.toThrow(/cifar10 is not on this machine/);
    const dataset = await openDataset("cifar10", { seed: 1, log, download: true });
    expect(dataset.test.indices.length).toBe(20);
    expect(lines).toEqual([
      `cifar10: downloading to ${join(cacheFolder(), "cifar10")}`,
      expect.stringMatching(/from the download \(.*cifar10\)$/),
    ]);
    expect(readdirSync(cacheFolder())).toEqual(["cifar10"]);
    expect(readdirSync(join(cacheFolder(), "cifar10")).sort()).toEqual([
      "data_batch_1.bin",
      "readme.html",
      "test_batch.bin",
    ]);
    served.delete("/cifar.tar.gz");
    await openDataset("cifar10", { seed: 1, log });
    expect(lines.at(-1)).toMatch(/from an earlier download/);
  });

  it("fails clearly, and does not fall back silently, where the download was asked for", async () => {
    vi.spyOn(namedDatasets["fashion-mnist"], "places").mockReturnValue([]);
    vi.spyOn(namedDatasets["fashion-mnist"], "downloads", "get").mockReturnValue([
      fileOf("train", "/gone"),
    ] as never);
    await expect(openDataset("fashion-mnist", { seed: 1, download: true })).rejects.toThrow(
      /train could not be downloaded/,
    );
  });
});

function cifarBatch(): Buffer {
  const bytes = Buffer.alloc(20 * 3073);
  for (let record = 0; record < 20; record++) bytes[record * 3073] = record % 10;
  return bytes;
}

function tar(files: Record<string, Buffer>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(`cifar-10-batches-bin/${name}`, 0);
    header.write(`${bytes.length.toString(8).padStart(11, "0")} `, 124);
    header.write("0", 156);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  const folder = Buffer.alloc(512);
  folder.write("cifar-10-batches-bin/", 0);
  folder.write("00000000000 5", 124);
  folder.write("5", 156);
  return Buffer.concat([folder, ...blocks, Buffer.alloc(1024)]);
}
