// Weights from files and from a server on this machine that stands for the public one.
import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { writeSafetensors } from "../onnx/index.ts";
import { cacheFolder } from "./data/download.ts";
import type { DataProgress } from "./data/readOptions.ts";
import { temporaryFolder } from "./data/temporaryFolder.ts";
import { publishedWeights, readPretrained } from "./pretrained.ts";

const root = temporaryFolder(afterAll);
const bytes = writeSafetensors(
  new Map([["conv_stem.weight", { shape: [2, 3], data: new Float32Array(6).fill(0.5) }]]),
);
const sum = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const pointer = (content: Uint8Array): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${sum(content)}\nsize ${content.length}\n`;

const served = new Map<string, string | Uint8Array>();
const asked: string[] = [];
let server: Server;
let home: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    const body = served.get(request.url!);
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": Buffer.byteLength(body) }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

let count = 0;
beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", join(root, `cache${count++}`));
  served.clear();
  asked.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

function publish(repository: string, content = bytes, stated = pointer(content)): void {
  served.set(`/${repository}/raw/main/model.safetensors`, stated);
  served.set(`/${repository}/resolve/main/model.safetensors`, content);
}

describe("published weights", () => {
  test("are downloaded once, with progress, checked, and found again without a network", async () => {
    publish("timm/mobilenetv2_100.ra_in1k");
    const progress: DataProgress[] = [];
    const lines: string[] = [];
    const read = (): ReturnType<typeof readPretrained> =>
      readPretrained("timm/mobilenetv2_100", {
        home,
        onProgress: (step) => progress.push(step),
        log: (line) => lines.push(line),
      });
    const { weights, sha256, address, metadata } = await read();
    expect(Array.from(weights.get("conv_stem.weight")!.data)).toEqual(Array(6).fill(0.5));
    expect([sha256, address, metadata]).toEqual([
      sum(bytes),
      `${home}/timm/mobilenetv2_100.ra_in1k/resolve/main/model.safetensors`,
      {},
    ]);
    expect(progress.at(-1)).toEqual({
      task: "download",
      what: "timm/mobilenetv2_100",
      done: bytes.length,
      total: bytes.length,
    });
    expect(lines).toEqual([
      `timm/mobilenetv2_100: downloading to ${join(cacheFolder(), "weights/timm/mobilenetv2_100.ra_in1k")}`,
    ]);
    served.clear();
    asked.length = 0;
    expect((await read()).sha256).toBe(sha256);
    expect([asked, lines.length]).toEqual([[], 1]);
  });

  test("torchvision's own are taken from where they are published as safetensors; any of timm's by its full name", async () => {
    publish(publishedWeights["torchvision/resnet18"]!);
    publish("timm/mobilenetv3_large_100.miil_in21k");
    expect((await readPretrained("torchvision/resnet18", { home })).address).toContain(
      "/timm/resnet18.tv_in1k/",
    );
    await readPretrained("timm/mobilenetv3_large_100.miil_in21k", { home });
    expect(asked).toHaveLength(4);
  });

  test("a file that is not the one stated is not kept, nor one that was changed since", async () => {
    publish("timm/resnet18.a1_in1k", bytes.subarray(0, 90), pointer(bytes));
    await expect(readPretrained("timm/resnet18", { home })).rejects.toThrow(
      /checksum \w{12}… instead of \w{12}…/,
    );
    expect(readdirSync(join(cacheFolder(), "weights/timm/resnet18.a1_in1k"))).toEqual([]);
    publish("timm/resnet18.a1_in1k");
    await readPretrained("timm/resnet18", { home });
    writeFileSync(join(cacheFolder(), `weights/timm/resnet18.a1_in1k/${sum(bytes)}.safetensors`), "cut");
    await expect(readPretrained("timm/resnet18", { home })).rejects.toThrow(
      /was changed or cut since it was downloaded/,
    );
  });

  test("what cannot be had is said: no network, no such network, no checksum, no such name", async () => {
    await expect(readPretrained("timm/resnet18", { home: "http://127.0.0.1:1" })).rejects.toThrow(
      /timm\/resnet18: http:\/\/127\.0\.0\.1:1\/.* cannot be reached .*Is there a network\? .*--from <file\.safetensors>/,
    );
    await expect(readPretrained("timm/no_such.net", { home })).rejects.toThrow(
      /answers 404 Not Found; is there such a network\?/,
    );
    publish("timm/resnet50.a1_in1k", bytes, "<html>");
    await expect(readPretrained("timm/resnet50", { home })).rejects.toThrow(/states no checksum/);
    await expect(readPretrained("timm/mobilenetv2_10", { home })).rejects.toThrow(
      /Did you mean timm\/mobilenetv2_100\?/,
    );
    await expect(readPretrained("torchvision/mobilenet_v2", { home })).rejects.toThrow(
      /knows no published weights of this name/,
    );
    await expect(readPretrained("timm/tf_mobilenetv3_small_100.in1k", { home })).rejects.toThrow(
      /pad as TensorFlow does/,
    );
  });
});

describe("files", () => {
  test("safetensors by themselves, cut ones, and none at all", async () => {
    const path = join(root, "weights.safetensors");
    writeFileSync(path, bytes);
    expect(await readPretrained(path)).toMatchObject({ from: path, sha256: sum(bytes), metadata: {} });
    writeFileSync(path, bytes.subarray(0, bytes.length - 4));
    await expect(readPretrained(path)).rejects.toThrow(/weights\.safetensors: .*cut short/);
    await expect(readPretrained(join(root, "wieghts.safetensors"))).rejects.toThrow(
      /no such file or folder\. Did you mean .*weights\.safetensors\?.*timm\/<name>/,
    );
    writeFileSync(join(root, "notes.txt"), "hello");
    await expect(readPretrained(join(root, "notes.txt"))).rejects.toThrow(/not a model/);
  });
});
