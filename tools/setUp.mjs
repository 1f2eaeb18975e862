// What `npm start` and `npm test` do first: install, then build whatever is older than its sources.
// Needs Node and npm only; nothing here imports a package.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, "node_modules", ".cache", "sabok");

const kernelSources = [
  "packages/kernels/assembly",
  "packages/kernels/build.mjs",
  "packages/kernels/packKernels.mjs",
  "packages/kernels/unpackKernels.mjs",
  "packages/kernels/package.json",
];

/** @param {string} workspace */
const manifests = (workspace) => [
  `${workspace}/package.json`,
  `${workspace}/tsdown.config.ts`,
  "package-lock.json",
];

/** What the built Lab is made of. */
export const labSources = [
  "apps/lab/index.html",
  "apps/lab/src",
  "apps/lab/package.json",
  "apps/lab/vite.config.ts",
  ...kernelSources,
  "packages/sabok/assets",
  "packages/sabok/src",
  "package-lock.json",
  "tsconfig.json",
];

/** One built workspace: its output, and every file or folder that output is made of. */
const builds = [
  {
    name: "kernels",
    output: "packages/kernels/dist/index.js",
    sources: kernelSources,
    command: ["packages/kernels/build.mjs"],
  },
  {
    name: "library",
    output: "packages/sabok/dist/index.js",
    sources: [...kernelSources, "packages/sabok/src", ...manifests("packages/sabok"), "tsconfig.json"],
    command: ["node_modules/tsdown/dist/run.mjs", "--cwd", "packages/sabok"],
  },
  {
    name: "command line",
    output: "apps/cli/dist/main.js",
    sources: ["apps/cli/src", ...manifests("apps/cli"), "tsconfig.json"],
    command: ["node_modules/tsdown/dist/run.mjs", "--cwd", "apps/cli"],
  },
  {
    name: "Lab",
    output: "apps/lab/dist/index.html",
    sources: labSources,
    command: ["node_modules/vite/bin/vite.js", "build", "apps/lab", "--logLevel", "warn"],
  },
];

/**
 * Runs a program in the root folder, its output passed through or, with `quiet`, shown only when it fails.
 * @param {string} program @param {string[]} args @param {{ quiet?: boolean }} [options]
 * @returns {number} its exit code
 */
export function run(program, args, { quiet = false } = {}) {
  const shell = process.platform === "win32" && program === "npm";
  const stdio = quiet ? "pipe" : "inherit";
  const result = spawnSync(program, args, {
    cwd: root,
    shell,
    stdio: ["ignore", stdio, stdio],
    maxBuffer: 1 << 28,
  });
  if (result.error) console.error(`${program}: ${result.error.message}`);
  if (quiet && result.status !== 0) process.stderr.write(`${result.stdout}${result.stderr}`);
  return result.status ?? 1;
}

/** Every file under a path, in a fixed order. @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** What the files under some paths hold, in 64 digits; tests do not count. @param {string[]} sources */
export function hashOf(sources) {
  const hash = createHash("sha256").update(process.version);
  for (const path of sources.flatMap((source) => filesUnder(join(root, source)))) {
    if (!path.endsWith(".test.ts"))
      hash.update(path.slice(root.length)).update("\0").update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** @param {string} label @param {() => number} work */
function step(label, work) {
  const start = performance.now();
  process.stdout.write(`${label} …`);
  const code = work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(code === 0 ? ` ${seconds} s\n` : ` failed\n`);
  if (code !== 0) throw new Error(`${label} failed`);
}

/** Installs the locked packages when there are none, or when the lockfile is newer than they are. */
function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  step("Installing packages", () =>
    run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { quiet: true }),
  );
}

/** Brings the whole tree to a state in which it runs. Throws, after printing why, when a step fails. */
export function setUp() {
  install();
  for (const { name, output, sources, command } of builds) {
    const stamp = join(stamps, `${basename(dirname(dirname(output)))}.sha256`);
    const hash = hashOf(sources);
    if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) continue;
    rmSync(stamp, { force: true });
    step(`Building the ${name}`, () => run(process.execPath, command, { quiet: true }));
    mkdirSync(stamps, { recursive: true });
    writeFileSync(stamp, hash);
  }
}
