// Builds assembly/index.ts and training.ts, each twice, with SIMD and with relaxed SIMD, into packed modules in dist/.
// Does nothing when the sources, this file and the compiler are those of the last build; --force builds anyway.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { packKernels } from "./packKernels.mjs";

const here = dirname(fileURLToPath(import.meta.url));
/** Each assembly/<name>.ts becomes dist/<name>.js. */
const modules = ["training", "index"];
const outputOf = (/** @type {string} */ name) => join(here, "dist", `${name}.js`);

// Level 1: from level 2 on the optimiser nests each sum's multiply-adds, and V8 runs out of registers (a third slower).
const commonFlags = `
  --runtime stub --optimizeLevel 1 --shrinkLevel 0 --noAssert --use abort=
  --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --noExportMemory
  --enable simd --enable threads`
  .trim()
  .split(/\s+/);
const relaxedFlags = ["--enable", "relaxed-simd"];

/** SHA-256 of everything the outputs depend on: the sources, the build, the compiler's version. */
async function hashSources() {
  const hash = createHash("sha256");
  const entries = await readdir(join(here, "assembly"), { recursive: true });
  const sources = entries.filter((path) => path.endsWith(".ts")).sort();
  for (const path of ["build.mjs", "packKernels.mjs", ...sources.map((path) => join("assembly", path))]) {
    hash
      .update(path.replaceAll("\\", "/"))
      .update("\0")
      .update(await readFile(join(here, path)));
  }
  const compiler = JSON.parse(await readFile(join(here, "package.json"), "utf8")).devDependencies
    .assemblyscript;
  return hash.update(compiler).digest("hex");
}

/** Compiles once, in memory. @param {{ name: string, flags: string[] }} task @returns {Promise<Uint8Array>} */
async function compile({ name, flags }) {
  const { default: asc } = await import("assemblyscript/asc");
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    [`assembly/${name}.ts`, "--baseDir", here, "--outFile", "kernels.wasm", ...commonFlags, ...flags],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm") && typeof contents !== "string") binary = contents;
      },
    },
  );
  const written = /** @type {{ toString(): string }} */ (stderr).toString();
  if (error) throw new Error(`asc: ${error.message}\n${written}`);
  if (!binary) throw new Error("asc wrote no .wasm");
  return binary;
}

/** Compiles in a thread of its own, so that two builds run side by side. @param {string} name @param {string[]} flags */
async function compileBeside(name, flags) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { name, flags } });
  /** @type {Uint8Array[]} */
  const [binary] = await once(worker, "message"); // rejects with the worker's error
  return binary;
}

/** Brings dist/ up to date. Resolves to true when it had to be built. */
export async function buildKernels({ force = false } = {}) {
  const stamp = `// sources sha256 ${await hashSources()}`;
  // The last one written vouches for all.
  const last = outputOf(modules[modules.length - 1]);
  if (!force && existsSync(last) && (await readFile(last, "utf8")).startsWith(stamp)) return false;
  await mkdir(join(here, "dist"), { recursive: true });
  for (const name of modules) {
    const [simd, relaxed] = await Promise.all([compileBeside(name, []), compileBeside(name, relaxedFlags)]);
    const packed = JSON.stringify(packKernels(simd, relaxed));
    const partial = `${outputOf(name)}.${process.pid}`;
    await writeFile(partial, `${stamp}\nexport const kernels = ${packed};\n`);
    await rename(partial, outputOf(name)); // several test runs may build at once: each replaces the file whole
  }
  return true;
}

if (!isMainThread && Array.isArray(workerData?.flags)) {
  parentPort?.postMessage(await compile(workerData));
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now();
  const built = await buildKernels({ force: process.argv.includes("--force") });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(built ? `kernels: built in ${seconds} s` : "kernels: up to date");
}
