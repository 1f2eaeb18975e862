// The harness of the Lab's browser tests: the Lab built once, served with or without isolation headers, opened in Chromium;
// every page collects what goes wrong in it, is checked by axe and photographed into test-results/lab (git-ignored).
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import sirv from "sirv";
import { build } from "vite";
import { launchBrowser } from "../../../tools/browser.mjs";
import { isolationHeaders } from "../../../tools/isolationHeaders.mjs";
import { hashOf, labSources, root } from "../../../tools/setUp.mjs";

const folder = join(root, "apps", "lab");
const builds = join(root, "node_modules", ".cache", "sabok", "lab");
const keptBuilds = 6;
const pictures = join(root, "test-results", "lab");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export type Language = "en" | "fa";
/** The two widths every room is tested at, in pixels. */
export const widths = [390, 1920] as const;
export const languages: readonly Language[] = ["en", "fa"];

export interface OpenOptions {
  /** Default 1920. */
  readonly width?: number;
  readonly height?: number;
  /** Default "light". */
  readonly theme?: "light" | "dark";
}

/** A page of the Lab and what has gone wrong in it so far. */
export interface LabPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, failed requests, requests to another host. A test ends with `expect(problems).toEqual([])`. */
  readonly problems: string[];
  /** Axe's violations, each as "rule: selector; selector". A test expects `[]`. */
  violations(): Promise<string[]>;
  /** Saves the whole page as test-results/lab/<name>.png. */
  photograph(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface Lab {
  /** Ends in a slash. */
  readonly url: string;
  readonly browser: Browser;
  /** The paths that pages and their workers have asked for, in order. */
  readonly requested: readonly string[];
  /** The folder that is served. */
  readonly folder: string;
  /** Opens `#/<place>`: `open("design?budget=5M&lang=fa", { width: 390 })`. */
  open(place: string, options?: OpenOptions): Promise<LabPage>;
  close(): Promise<void>;
}

/**
 * Builds the Lab from its sources, unless the same sources were built before, serves it and starts the browser.
 * `isolated: false` sends no COOP and COEP headers.
 */
export async function openLab({ isolated = true } = {}): Promise<Lab> {
  const built = await buildLab();
  const serve = sirv(built, { dev: true });
  const requested: string[] = [];
  const server = createServer((request, response) => {
    requested.push(request.url ?? "");
    if (isolated)
      for (const [name, value] of Object.entries(isolationHeaders)) response.setHeader(name, value);
    serve(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await launchBrowser({
    flags: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  });
  return {
    url,
    browser,
    requested,
    folder: built,
    open: (place, options) => openPage(browser, url, place, options),
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The folder of the built Lab, named by its sources: test runs beside one another never meet a half-written one. */
async function buildLab(): Promise<string> {
  const hash = hashOf(labSources).slice(0, 16);
  const wanted = join(builds, hash);
  if (existsSync(wanted)) return wanted;
  const partial = join(builds, `${hash}.${process.pid}`);
  await build({
    root: folder,
    configFile: join(folder, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: partial, emptyOutDir: true },
  });
  if (!existsSync(wanted)) renameSync(partial, wanted);
  const old = readdirSync(builds).map((name) => join(builds, name));
  const newestLast = old.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  for (const path of newestLast.slice(0, -keptBuilds)) rmSync(path, { recursive: true, force: true });
  return wanted;
}

async function openPage(
  browser: Browser,
  url: string,
  place: string,
  { width = 1920, height = width < 600 ? 844 : 1080, theme = "light" }: OpenOptions = {},
): Promise<LabPage> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    acceptDownloads: true,
    locale: "en-US",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(url))
      problems.push(`left the host: ${request.url()}`);
  });
  await page.goto(`${url}#/${place}`);
  await page.locator("main h1").waitFor();
  return {
    page,
    problems,
    violations: () => violationsOf(page),
    async photograph(name) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    },
    close: () => context.close(),
  };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly unknown[] }[];
  }[];
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResult>(`axe.run(document, { resultTypes: ["violations"] })`);
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`,
  );
}
