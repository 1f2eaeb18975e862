// What a run leaves works without sabok: the page of its report, with onnxruntime-web, in a folder where no sabok is.
import { readFileSync, rmSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Browser } from "playwright-core";
import { makeDataset, type ImageSet } from "sabok/data";
import { fitImages, loadRun, memoryStore, predict } from "sabok/recipes";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "./browser.mjs";
import { root } from "./setUp.mjs";

const folder = join(root, "node_modules/.cache/sabok/exported-test");
const classes = ["red", "green", "blue"];
const side = 16;
let server: Server;
let browser: Browser;

/** Pictures of one colour, a little uneven. */
function pictures(count: number): ImageSet {
  const area = side * side;
  return {
    ...{ count, channels: 3, height: side, width: side },
    labels: Uint16Array.from({ length: count }, (_, i) => i % 3),
    pixels: Uint8Array.from({ length: 3 * area * count }, (_, i) => {
      const [image, channel] = [Math.floor(i / (3 * area)), Math.floor(i / area) % 3];
      return (channel === image % 3 ? 170 : 60) + ((i * 7919) % 41);
    }),
  };
}

beforeAll(async () => {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(
    join(root, "node_modules/onnxruntime-web"),
    join(folder, "node_modules/onnxruntime-web"),
    "junction",
  );
  const types: Record<string, string> = {
    ".html": "text/html",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
  };
  server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, "http://here").pathname);
    try {
      const content = readFileSync(join(folder, path));
      response
        .writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" })
        .end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the report's page with onnxruntime-web says what sabok predicts", async () => {
  const images = pictures(30);
  const dataset = makeDataset(
    { name: "colours", source: "a test", classes, flip: true, padding: "zero", train: images },
    { seed: 1 },
  );
  const store = memoryStore("run");
  await fitImages(
    {
      source: { data: "colours" },
      network: { kind: "blocks", blocks: "ds_r1_k3_s2_c8" },
      training: { epochs: 3, batch: 6, learningRate: 0.02, averageDecay: 0 },
      provenance: { command: "sabok fit colours", version: "0.0.0" },
    },
    () => Promise.resolve(dataset),
    store,
  );
  writeFileSync(join(folder, "model.onnx"), store.files.get("model.onnx")!);
  writeFileSync(join(folder, "report.html"), store.files.get("report.html")!);
  const pixels = images.pixels.subarray(3 * side * side, 6 * side * side); // the second picture, green
  const interleaved = Uint8Array.from(
    { length: pixels.length },
    (_, i) => pixels[(i % 3) * side * side + Math.floor(i / 3)]!,
  );
  const photo = join(folder, "photo.png");
  await sharp(interleaved, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(photo);

  const page = await browser.newPage();
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await page.goto(`${home}/report.html`);
  const code = await page
    .locator('[aria-label="predict in a web page with onnxruntime-web"] code')
    .first()
    .textContent();
  writeFileSync(join(folder, "page.html"), code!);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${home}/page.html`);
  await page.waitForFunction("document.querySelector('input').onchange !== null");
  await page.locator("input").setInputFiles(photo);
  await page.waitForFunction("document.querySelector('#answer').textContent !== ''");
  const answer = await page.locator("#answer").textContent();

  const [guesses] = await predict(await loadRun(store), [pixels], 3);
  expect(guesses![0]!.class).toBe("green");
  for (const [line, { class: name, probability }] of answer!
    .trim()
    .split("\n")
    .map((text, i) => [text, guesses![i]!] as const)) {
    expect(line).toContain(name);
    const percent = Number(/([\d.]+)\s*%/.exec(line)?.[1] ?? 100 * Number(/0?\.\d+|1/.exec(line)?.[0]));
    expect(Math.abs(percent - 100 * probability)).toBeLessThan(0.2);
  }
  expect(asked.filter((path) => path.includes("sabok"))).toEqual([]);
});
