// What a page of a few lines downloads: every file that Vite's production build writes, gzipped one by one. A chunk behind an
// import that the page never makes is written, but not downloaded: it counts in the total only.
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, version } from "vite";

const bench = fileURLToPath(new URL("..", import.meta.url));

/** The chunk of sabok's training kernels, which a plan without them never imports. */
const trainingKernels = /^assets\/training-/;

/** `unused`: the chunks that the page never asks for. */
const pages = {
  "sabok, inference": { peer: "sabok", page: "inference", unused: trainingKernels },
  "sabok, inference from ONNX": { peer: "sabok", page: "inferenceOnnx", unused: trainingKernels },
  "sabok, training steps": { peer: "sabok", page: "training" },
  "sabok, training with fit": { peer: "sabok", page: "trainingLoop" },
  "tfjs-wasm, inference": { peer: "tfjs", page: "tfjs" },
  "onnxruntime-web, inference": { peer: "ort", page: "ortWeb" },
};

async function sizeOf(page, unused) {
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
        const loaded = !unused?.test(String(name));
        return { name: String(name), bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, loaded };
      });
    const total = (key, counted = files) => counted.reduce((sum, file) => sum + file[key], 0);
    const loaded = files.filter((file) => file.loaded);
    return { bytes: total("bytes", loaded), gzip: total("gzip", loaded), written: total("gzip"), files };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

async function measure() {
  const rows = [];
  for (const [label, { peer, page, unused }] of Object.entries(pages)) {
    const size = await sizeOf(page, unused).catch((error) => ({ absent: error.message.split("\n")[0] }));
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
