// Sessions in a page: the browser example of docs/session.md, and the same numbers as in Node to the last bit.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { fromImage, open } from "sabok/node";
import type { ImageOptions } from "sabok/session";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, servePages } from "./browser.mjs";
import { writeExampleFiles } from "./exampleFiles.ts";
import { publicEntries } from "./publicEntries.mjs";
import { root } from "./setUp.mjs";

const folder = join(root, "node_modules/.cache/sabok/session-test");
const entry = `/packages/sabok/${publicEntries["session"]}`;
let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await writeExampleFiles(folder);
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>session</title>");
  server = await servePages(root);
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.url}node_modules/.cache/sabok/session-test/index.html`);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the example of docs/session.md runs", async () => {
  const text = readFileSync(join(root, "docs/session.md"), "utf8");
  const code = /^```js\n(.*?)^```$/ms.exec(text)![1]!;
  const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, value]) => JSON.parse(value!) as unknown,
  );
  expect(expected).toHaveLength(4);
  const printed: unknown[] = [];
  page.on("console", (message) => {
    if (message.type() === "log") printed.push(...message.args().map((arg) => arg.jsonValue()));
  });
  writeFileSync(join(folder, "example.js"), code.replace('"sabok/session"', JSON.stringify(entry)));
  await page.evaluate(`import("./example.js")`);
  expect(await Promise.all(printed)).toEqual(expected);
});

test.each<ImageOptions>([
  {},
  { size: 64 },
  { size: [40, 50], fit: "contain", mean: 0.5, std: 0.5 },
  { size: 32, crop: 0.5 },
])("a file gives the bits that Node reads from it, by %j", async (options) => {
  const here = await fromImage(join(folder, "photo.png"), options);
  const there = (await page.evaluate(`(async () => {
      const { fromImage } = await import("${entry}");
      const file = await (await fetch("photo.png")).blob();
      const { shape, data } = await fromImage(file, ${JSON.stringify(options)});
      return { shape, data: Array.from(data) };
    })()`)) as { shape: number[]; data: number[] };
  expect(there.shape).toEqual(here.shape);
  expect(there.data).toEqual(Array.from(here.data));
});

test("a session gives the bits that Node's gives, on any source of the model", async () => {
  const feed = {
    shape: [2, 3, 64, 64],
    data: Float32Array.from({ length: 24576 }, (_, i) => Math.fround(Math.sin(i))),
  };
  const session = await open(join(folder, "model.onnx"));
  const { logits } = await session.run({ image: feed });
  const there = await page.evaluate(`(async () => {
    const { open } = await import("${entry}");
    const bytes = await (await fetch("model.onnx")).arrayBuffer();
    const image = { shape: [2, 3, 64, 64], data: Float32Array.from({ length: 24576 }, (_, i) => Math.fround(Math.sin(i))) };
    const results = [];
    for (const target of ["model.onnx", new URL("model.onnx", location.href), bytes, new File([bytes], "model.onnx")])
      results.push(Array.from((await (await open(target, { threads: 2 })).run({ image })).logits.data));
    return results;
  })()`);
  expect(there).toEqual(Array(4).fill(Array.from(logits!.data)));
});

test("what is not there is said", async () => {
  const message = await page.evaluate(
    `import("${entry}").then(({ open }) => open("nothing.onnx")).then(() => "opened", (error) => error.message)`,
  );
  expect(message).toMatch(
    /nothing\.onnx: (the server answers 404|not a model|this JSON|.*is not an ONNX model)/,
  );
});
