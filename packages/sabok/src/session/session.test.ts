// Models in every format as sessions: the same numbers, shapes bound and bound anew, and what must be refused.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../node/data/temporaryFolder.ts";
import { open as openPath } from "../node/openModel.ts";
import { batchNorm, compile, conv2d, globalAvgPool, linear, network } from "../index.ts";
import { decodeMessage, encodeMessage } from "../onnx/protobuf.ts";
import { toOnnx, writeModelJson, writeSafetensors } from "../onnx/index.ts";
import { foldBatchNorm, toInference } from "../passes/index.ts";
import { open } from "./open.ts";

const net = network(
  { image: [3, 8, 8] },
  ({ image }) =>
    linear(globalAvgPool(batchNorm(conv2d(image, { out: 4, kernel: 3, padding: 1 }))), { out: 2 }),
  { seed: 3 },
);
const folded = foldBatchNorm(toInference(net.graph), net.weights);
const metadata = { classes: ["no", "yes"], mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1] };
const onnx = toOnnx(folded.graph, folded.weights, { metadata });

/** The same model with height and width open too. */
function openSized(): Uint8Array {
  const model = decodeMessage("ModelProto", onnx);
  const dims = model.graph!.input[0]!.type!.tensorType!.shape!.dim;
  for (const axis of [2, 3]) Object.assign(dims[axis]!, { dimValue: 0, dimParam: `side${axis}` });
  return encodeMessage("ModelProto", model);
}

/** The same model with its weights in the file "weights.bin". */
function outside(location = "weights.bin"): { model: Uint8Array; weights: Uint8Array } {
  const model = decodeMessage("ModelProto", onnx);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const proto of model.graph!.initializer) {
    const raw = proto.rawData!;
    const entries = { location, offset: String(offset), length: String(raw.length) };
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    Object.assign(proto, { rawData: undefined, dataLocation: 1, externalData });
    parts.push(raw);
    offset += raw.length;
  }
  return { model: encodeMessage("ModelProto", model), weights: Buffer.concat(parts) };
}

const image = (batch: number, side: number) => ({
  shape: [batch, 3, side, side],
  data: Float32Array.from({ length: batch * 3 * side * side }, (_, i) => Math.sin(i)),
});

const folder = temporaryFolder(afterAll);
let expected: Float32Array;
beforeAll(async () => {
  const session = await compile(net);
  expected = (await session.run({ image: image(1, 8) }))["logits"]!.data;
  writeFileSync(join(folder, "model.onnx"), onnx);
  mkdirSync(join(folder, "run"));
  writeFileSync(join(folder, "run/model.json"), writeModelJson(net.graph, metadata));
  writeFileSync(join(folder, "run/model.safetensors"), writeSafetensors(net.weights));
});

describe("formats", () => {
  test.each(["model.onnx", "run", "run/model.json", "run/model.safetensors"])(
    "%s gives the same numbers",
    async (path) => {
      const session = await openPath(join(folder, path));
      const { logits } = await session.run({ image: image(1, 8) });
      expect(logits!.shape).toEqual([1, 2]);
      for (const [i, x] of expected.entries()) expect(logits!.data[i]).toBeCloseTo(x, 5);
      expect(session.metadata.classes).toEqual(["no", "yes"]);
      expect(session.image).toEqual({ size: [8, 8], mean: metadata.mean, std: metadata.std });
      session.close();
    },
  );

  test("bytes, a buffer and files of a page", async () => {
    const pair = [
      new File([writeModelJson(net.graph)], "net.json"),
      new File([new Uint8Array(writeSafetensors(net.weights))], "net.safetensors"),
    ];
    for (const target of [onnx, Uint8Array.from(onnx).buffer, new Blob([Uint8Array.from(onnx)]), pair]) {
      const session = await open(target);
      const { logits } = await session.run({ image: image(1, 8) });
      expect(logits!.data[0]).toBeCloseTo(expected[0]!, 5);
    }
  });

  test("weights in a file beside the model", async () => {
    const { model, weights } = outside();
    mkdirSync(join(folder, "outside"));
    writeFileSync(join(folder, "outside/model.onnx"), model);
    await expect(openPath(join(folder, "outside/model.onnx"))).rejects.toThrow(
      "weights.bin: no such file beside model.onnx.",
    );
    writeFileSync(join(folder, "outside/weights.bin"), weights);
    const session = await openPath(join(folder, "outside/model.onnx"));
    expect((await session.run({ image: image(1, 8) }))["logits"]!.data[1]).toBeCloseTo(expected[1]!, 5);
    await expect(open(model)).rejects.toThrow(/model: keeps a part of itself in "weights\.bin"/);
  });

  test("a link out of the model's folder is not followed", async () => {
    const { model, weights } = outside("link.bin");
    mkdirSync(join(folder, "linked"));
    writeFileSync(join(folder, "linked/model.onnx"), model);
    writeFileSync(join(folder, "secret.bin"), weights);
    symlinkSync(join(folder, "secret.bin"), join(folder, "linked/link.bin"));
    await expect(openPath(join(folder, "linked/model.onnx"))).rejects.toThrow(
      "link.bin: lies outside of the model's folder; it is not read.",
    );
  });
});

describe("shapes", () => {
  test("an open batch is bound by the first run and anew when it changes", async () => {
    const session = await open(onnx);
    expect(session.inputs).toEqual({ image: { shape: [null, 3, 8, 8], type: "float32" } });
    expect(session.outputs).toEqual({ logits: { shape: [1, 2], type: "float32" } });
    for (const batch of [1, 3, 1]) {
      const { logits } = await session.run({ image: image(batch, 8) });
      expect(logits!.shape).toEqual([batch, 2]);
      expect(logits!.data[0]).toBeCloseTo(expected[0]!, 5);
    }
    await session.run({ image: image(5, 8) });
    expect(session.outputs["logits"]!.shape).toEqual([5, 2]);
    expect(session.backend).toMatch(/^wasm, .*1 thread$/);
  });

  test("an open size too, and bare data once a shape is bound", async () => {
    const session = await open(openSized());
    expect(session.inputs["image"]!.shape).toEqual([null, 3, null, null]);
    expect([session.outputs, session.backend]).toEqual([{}, undefined]);
    await expect(session.run({ image: image(1, 8).data })).rejects.toThrow(
      /"image" takes \[\?,3,\?,\?\]; give a tensor .* or bind the shape by open\(…, \{ input: \{ "image": \[…\] \} \}\)/,
    );
    expect((await session.run({ image: image(2, 16) }))["logits"]!.shape).toEqual([2, 2]);
    expect((await session.run({ image: image(1, 8) }))["logits"]!.data[0]).toBeCloseTo(expected[0]!, 5);
    const bound = await open(openSized(), { input: { image: [1, 3, 8, 8] }, threads: 2 });
    expect(bound.backend).toMatch(/2 threads$/);
    expect((await bound.run({ image: image(1, 8).data }))["logits"]!.data[0]).toBeCloseTo(expected[0]!, 5);
    bound.close();
  });

  test("runs asked for at once are done one after the other", async () => {
    const session = await open(onnx);
    const batches = [1, 2, 1, 4];
    const results = await Promise.all(batches.map((batch) => session.run({ image: image(batch, 8) })));
    expect(results.map(({ logits }) => logits!.shape[0])).toEqual(batches);
    for (const { logits } of results) expect(logits!.data[0]).toBeCloseTo(expected[0]!, 5);
  });

  test("sabok's own graphs take any size that fits", async () => {
    const session = await openPath(join(folder, "run"));
    expect((await session.run({ image: image(2, 12) }))["logits"]!.shape).toEqual([2, 2]);
  });
});

describe("what is refused", () => {
  const feeds: readonly (readonly [
    string,
    Parameters<Awaited<ReturnType<typeof open>>["run"]>[0],
    RegExp,
  ])[] = [
    [
      "an unknown input",
      { imgae: image(1, 8) },
      /has no input "imgae"; its inputs are "image"\. Did you mean "image"\?/,
    ],
    ["a missing one", {}, /the input "image" was not given; "image" takes \[\?,3,8,8\]/],
    [
      "a fixed axis",
      { image: image(1, 9) },
      /"image" has shape \[\?,3,8,8\] in the file; it was given \[1,3,9,9\]/,
    ],
    [
      "a size that lies",
      { image: { shape: [2, 3, 8, 8], data: new Float32Array(3) } },
      /says shape \[2,3,8,8\], but holds 3 numbers/,
    ],
  ];
  test.each(feeds)("%s", async (_, given, message) => {
    const session = await open(onnx);
    await expect(session.run(given)).rejects.toThrow(message);
    expect((await session.run({ image: image(1, 8) }))["logits"]!.shape).toEqual([1, 2]);
  });

  test("a closed session", async () => {
    const session = await open(onnx);
    session.close();
    await expect(session.run({ image: image(1, 8) })).rejects.toThrow(/the session was closed/);
  });

  test.each([
    ["nothing", new Uint8Array(), /the file is empty/],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /model: not a model; expected \.onnx/],
    ["another JSON", new TextEncoder().encode('{"a":1}'), /neither a tfjs graph model/],
    ["a cut JSON", new TextEncoder().encode('{"modelTopology":'), /is cut short or damaged: it is not JSON/],
  ])("%s", async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toThrow(message);
  });

  test("a path where nothing is, a folder without a model, and another network's weights", async () => {
    await expect(openPath(join(folder, "modle.onnx"))).rejects.toThrow(
      /no such file or folder\. Did you mean .*model\.onnx\?/,
    );
    await expect(openPath(folder + "/outside/..")).resolves.toBeDefined();
    mkdirSync(join(folder, "empty/checkpoint"), { recursive: true });
    await expect(openPath(join(folder, "empty"))).rejects.toThrow(
      /neither model\.json nor model\.onnx is in it\.$/,
    );
    writeFileSync(join(folder, "empty/checkpoint/checkpoint.json"), "{}");
    await expect(openPath(join(folder, "empty"))).rejects.toThrow(
      /The run is not finished; go on by sabok fit --resume/,
    );
    writeFileSync(join(folder, "empty/model.json"), writeModelJson(net.graph));
    writeFileSync(join(folder, "empty/model.safetensors"), writeSafetensors(new Map()));
    await expect(openPath(join(folder, "empty"))).rejects.toThrow(
      /model\.safetensors is of another network than model\.json: it has no "conv2d\.weight" of shape \[4,3,3,3\]/,
    );
  });
});
