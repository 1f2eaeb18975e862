// What goes wrong around the Network room: a dead engine, no headers, a network too big, a huge picture, a lost tab.
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLab, type Lab } from "../../../test/lab.ts";
import { words } from "./words.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

test("a closed worker is said, a new one goes on, and the edit is still there", async () => {
  const { page, problems, close } = await lab.open("network?lang=en&layer=features.2.conv.1.0");
  await page.locator("[data-milliseconds]").waitFor();
  await page.getByRole("group", { name: words.en.kernel }).getByRole("radio").nth(1).check();
  await page.getByText("305,591,168").waitFor();
  const engine = page.workers().find((worker) => worker.url().includes("engineWorker"))!;
  await engine.evaluate("self.close()");
  await page.locator(".notice").getByText("The engine stopped").waitFor();
  await page.getByText("305,591,168").waitFor();
  await page.getByRole("group", { name: words.en.stride }).getByRole("radio").nth(0).check();
  await page.getByText("305,591,168").waitFor({ state: "detached" });
  expect(problems).toEqual([]);
  await close();
});

test("without the headers it runs on one thread and says so", async () => {
  const plain = await openLab({ isolated: false });
  const { page, problems, violations, close } = await plain.open("network?lang=en&layer=features.0.0");
  await page.getByText("so the engine runs on one thread").waitFor();
  await page.locator("[data-milliseconds]").waitFor();
  expect(await page.locator("[data-milliseconds]").innerText()).toContain("1 thread)");
  expect(await violations()).toEqual([]);
  expect(problems).toEqual([]);
  await close();
  await plain.close();
});

test("a network too big for memory shows its costs and says why it does not run", async () => {
  const blocks = "stem_k3_s2_c64_nre cn_r1_k3_s1_c30000_nre cn_r1_k1_s1_c30000_nre";
  const query = new URLSearchParams({ lang: "en", model: "blocks", blocks, layer: "layer1" }).toString();
  const { page, problems, close } = await lab.open(`network?${query}`);
  await page.getByRole("alert").filter({ hasText: "weights take 3.5 GiB" }).waitFor();
  expect(await page.locator("g.node").count()).toBeGreaterThan(4);
  expect(problems).toEqual([]);
  await close();
});

test("a huge picture is taken, reduced", async () => {
  const { page, problems, close } = await lab.open("network?lang=en");
  await page.locator("g.node").first().waitFor();
  await page.locator('input[type="file"][accept="image/*"]').setInputFiles({
    name: "huge.png",
    mimeType: "image/png",
    buffer: greyPng(8000, 8000),
  });
  // Black: what the file holds, in place of the sample's sky.
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.shown-picture")!;
    return canvas.width === 224 && canvas.getContext("2d")!.getImageData(5, 5, 1, 1).data[2] === 0;
  });
  expect(problems).toEqual([]);
  await close();
});

test("a tab that is lost comes back as it was", async () => {
  const { page, problems, close } = await lab.open(
    "network?lang=fa&model=mobilenet_v3_small&open=all&layer=features.1.block.0.0",
  );
  await page.locator("[data-milliseconds]").waitFor();
  const before = page.url();
  await page.reload();
  await page.locator("[data-milliseconds]").waitFor();
  expect(page.url()).toBe(before);
  expect(await page.locator('g.node[aria-pressed="true"]').getAttribute("data-id")).toBe("layer1");
  expect(problems).toEqual([]);
  await close();
});

test("an address that means nothing opens the room with a message or with its defaults", async () => {
  const { page, problems, close } = await lab.open("network?lang=en&model=mobilenet_v9&width=wide");
  await page.getByRole("alert").filter({ hasText: "mobilenet_v9" }).waitFor();
  await page.getByLabel(words.en.model).selectOption("resnet18");
  await page.getByText("11,689,512").waitFor();
  expect(problems).toEqual([]);
  await close();
});

/** A black greyscale PNG of one bit a pixel. */
function greyPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const rows = Buffer.alloc(height * (1 + width / 8));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** CRC-32 as PNG has it (ISO 3309). */
function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
