// The server of sabok lab: what it sends, and with which headers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labServer } from "./lab.ts";

const folder = mkdtempSync(join(tmpdir(), "sabok-lab-"));
writeFileSync(join(folder, "index.html"), "<h1>Lab</h1>");
const model = join(folder, "own net.onnx");
writeFileSync(model, Uint8Array.of(1, 2, 3));
const server = labServer(folder, model);
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test("the page comes with the two headers that give it threads", async () => {
  const answer = await fetch(`${url}/`);
  expect(await answer.text()).toBe("<h1>Lab</h1>");
  expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(answer.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
});

test("the model it was started with is served, and nothing else", async () => {
  const answer = await fetch(`${url}/served/own%20net.onnx`);
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
  expect((await fetch(`${url}/served/other.onnx`)).status).toBe(404);
  expect((await fetch(`${url}/../secret`)).status).toBe(404);
});
