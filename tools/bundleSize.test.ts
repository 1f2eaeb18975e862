// What a browser downloads for the pages of bench/pages, gzipped as a server would, and what must not be in it.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { build, type Rolldown } from "vite";
import { kernelsPlugin } from "./kernelsPlugin.mjs";
import { leaveOutSamples } from "./leaveOutSamples.mjs";
import { publicEntries } from "./publicEntries.mjs";
import { root } from "./setUp.mjs";

/** `sabok` and its subpaths are the sources. */
const alias = Object.entries(publicEntries).map(([name, source]) => ({
  find: new RegExp(name === "index" ? "^sabok$" : `^sabok/${name}$`),
  replacement: join(root, "packages/sabok", source),
}));

/** The chunks of a page's production build, all of its code. */
async function chunksOf(page: string): Promise<Rolldown.OutputChunk[]> {
  const result = await build({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [kernelsPlugin(), leaveOutSamples()],
    resolve: { alias },
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: join(root, `bench/pages/${page}.js`) },
    },
  });
  if (!("output" in result)) throw new Error("vite.build gave no output");
  return result.output.map((file) => {
    if (file.type !== "chunk") throw new Error(`${page} has an asset, ${file.fileName}`);
    return file;
  });
}

const gzipped = (chunks: readonly Rolldown.OutputChunk[]): number =>
  chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);

/** The modules of which something is left. */
const modulesOf = (chunks: readonly Rolldown.OutputChunk[]): string[] =>
  chunks.flatMap(({ modules }) =>
    Object.keys(modules).filter((id) => (modules[id]?.renderedLength ?? 0) > 0),
  );

test(
  "inference takes at most 80 KB, and what it loads has no code of training or of ONNX",
  { timeout: 120_000 },
  async () => {
    const chunks = await chunksOf("inference");
    expect(gzipped(chunks)).toBeLessThanOrEqual(80_000);
    const loaded = modulesOf(chunks.filter((chunk) => !chunk.isDynamicEntry));
    expect(loaded).toContain(join(root, "packages/sabok/src/runtime/session.ts"));
    expect(
      loaded.filter((id) =>
        /src\/(train|autodiff|analysis|report)\/|onnx\/from|protobuf|dist\/training/.test(id),
      ),
    ).toEqual([]);
    expect(modulesOf(chunks.filter((chunk) => chunk.isDynamicEntry))).toEqual([
      join(root, "packages/kernels/dist/training.js"),
    ]);
  },
);

test("with training it takes at most 120 KB", { timeout: 120_000 }, async () => {
  expect(gzipped(await chunksOf("training"))).toBeLessThanOrEqual(120_000);
  expect(gzipped(await chunksOf("trainingLoop"))).toBeLessThanOrEqual(120_000);
});

test("operators are built without what only their tests read", { timeout: 120_000 }, async () => {
  const code = (await chunksOf("inference")).map((chunk) => chunk.code).join("");
  expect(code).toContain("but w expects"); // conv2d's rule is there
  expect(code).not.toMatch(/samples\(|rejects:|Cross-correlation/);
});
