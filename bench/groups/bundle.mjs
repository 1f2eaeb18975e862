// What a page of a few lines downloads: every file that Vite's production build writes, gzipped one by one.
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, version } from "vite";

const bench = fileURLToPath(new URL("..", import.meta.url));

const pages = {
  "sabok, inference": { peer: "sabok", page: "inference" },
  "sabok, inference from ONNX": { peer: "sabok", page: "inferenceOnnx" },
  "sabok, training steps": { peer: "sabok", page: "training" },
  "sabok, training with fit": { peer: "sabok", page: "trainingLoop" },
  "tfjs-wasm, inference": { peer: "tfjs", page: "tfjs" },
  "onnxruntime-web, inference": { peer: "ort", page: "ortWeb" },
};

async function sizeOf(page) {
  const outDir = await mkdtemp(join(tmpdir(), "sabok-page-"));
  try {
    await build({
      configFile: false,
      root: bench,
      logLevel: "silent",
      build: {
        outDir,
        emptyOutDir: true,
        target: "es2022",
        modulePreload: false,
        reportCompressedSize: false,
        rolldownOptions: { input: join(bench, `pages/${page}.js`) },
      },
    });
    const files = readdirSync(outDir, { recursive: true })
      .filter((name) => statSync(join(outDir, name)).isFile())
      .map((name) => {
        const bytes = readFileSync(join(outDir, name));
        return { name: String(name), bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
      });
    const total = (key) => files.reduce((sum, file) => sum + file[key], 0);
    return { bytes: total("bytes"), gzip: total("gzip"), files };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

async function measure() {
  const rows = [];
  for (const [label, { peer, page }] of Object.entries(pages)) {
    const size = await sizeOf(page).catch((error) => ({ absent: error.message.split("\n")[0] }));
    rows.push({ peer, label, page, ...size });
  }
  return rows;
}

/** @type {import("../main.mjs").Group} */
export const bundle = {
  title: `Download of a page of some lines, everything included (Vite ${version})`,
  unit: "gzip",
  cases: [{ id: "pages", measure }],
};
