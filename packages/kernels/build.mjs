// Builds assembly/index.ts twice, with SIMD and with relaxed SIMD, into dist/index.js as two base64 strings.
// Does nothing when the sources, this file and the compiler are those of the last build; --force builds anyway.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "dist", "index.js");

const commonFlags = `
  --runtime stub -Ospeed --optimizeLevel 3 --shrinkLevel 0 --converge --noAssert --use abort=
  --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --noExportMemory
  --enable simd --enable threads`
  .trim()
  .split(/\s+/);
const builds = [
  { name: "kernelsSimd", flags: [] },
  { name: "kernelsRelaxed", flags: ["--enable", "relaxed-simd"] },
];

/** SHA-256 of everything the output depends on: the sources, this file, the compiler's version. */
async function hashSources() {
  const hash = createHash("sha256");
  const entries = await readdir(join(here, "assembly"), { recursive: true });
  const sources = entries.filter((path) => path.endsWith(".ts")).sort();
  for (const path of ["build.mjs", ...sources.map((path) => join("assembly", path))]) {
    hash
      .update(path.replaceAll("\\", "/"))
      .update("\0")
      .update(await readFile(join(here, path)));
  }
  const compiler = JSON.parse(await readFile(join(here, "package.json"), "utf8")).devDependencies
    .assemblyscript;
  return hash.update(compiler).digest("hex");
}

/** Compiles once, in memory. @param {string[]} flags @returns {Promise<Uint8Array>} */
async function compile(flags) {
  const { default: asc } = await import("assemblyscript/asc");
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    ["assembly/index.ts", "--baseDir", here, "--outFile", "kernels.wasm", ...commonFlags, ...flags],
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

/** Compiles in a thread of its own, so that the two builds run side by side. @param {string[]} flags */
async function compileBeside(flags) {
  const worker = new Worker(new URL(import.meta.url), { workerData: flags });
  /** @type {Uint8Array[]} */
  const [binary] = await once(worker, "message"); // rejects with the worker's error
  return binary;
}

/** Brings dist/index.js up to date. Resolves to true when it had to be built. */
export async function buildKernels({ force = false } = {}) {
  const stamp = `// sources sha256 ${await hashSources()}`;
  if (!force && existsSync(output) && (await readFile(output, "utf8")).startsWith(stamp)) return false;
  const binaries = await Promise.all(builds.map(({ flags }) => compileBeside(flags)));
  let text = `${stamp}\n`;
  builds.forEach(({ name }, index) => {
    text += `export const ${name} = "${Buffer.from(binaries[index]).toString("base64")}";\n`;
  });
  await mkdir(dirname(output), { recursive: true });
  const partial = `${output}.${process.pid}`;
  await writeFile(partial, text);
  await rename(partial, output); // several test runs may build at once: each replaces the file whole
  return true;
}

if (!isMainThread && Array.isArray(workerData)) {
  parentPort?.postMessage(await compile(workerData));
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now();
  const built = await buildKernels({ force: process.argv.includes("--force") });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(built ? `kernels: built in ${seconds} s` : "kernels: up to date");
}
