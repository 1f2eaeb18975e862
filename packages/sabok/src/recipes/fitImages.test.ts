import { beforeAll, describe, expect, test } from "vitest";
import { makeDataset, type Dataset, type ImageSet } from "../data/index.ts";
import { noiseImages } from "../data/testImages.ts";
import { fromOnnx } from "../onnx/index.ts";
import { exportModel } from "./exportModel.ts";
import { fitImages, resumeFit, type FitEvent, type FitOutcome, type FitRequest } from "./fitImages.ts";
import { predict } from "./predict.ts";
import { memoryStore, type RunStore } from "./runStore.ts";
import { loadOnnx, loadRun } from "./trainedModel.ts";

/** Noise on a brightness of the class: easy to learn, quickly. */
function brightnessImages(count: number): ImageSet {
  const noise = noiseImages(count, 3);
  return { ...noise, pixels: noise.pixels.map((value, i) => (value >> 2) + 80 * (Math.floor(i / 64) % 3)) };
}

const classes = ["dark", "middle", "bright"];
const loaded = { name: "brightness", source: "a test", classes, flip: true, padding: "zero" } as const;
const dataset = makeDataset(
  { ...loaded, train: brightnessImages(60), test: brightnessImages(24) },
  { seed: 1 },
);
const open = (): Promise<Dataset> => Promise.resolve(dataset);

const request: FitRequest = {
  source: { data: "brightness" },
  network: { kind: "blocks", blocks: "ds_r1_k3_s2_c8 ir_r1_k3_s2_e2_c8_se0.5" },
  training: { epochs: 3, batch: 6, learningRate: 0.01, averageDecay: 0.9, mixup: 0.2 },
  provenance: { command: "sabok fit brightness", version: "0.0.0" },
};

type MemoryStore = ReturnType<typeof memoryStore>;

/** Runs until the signal stops it after so many steps. */
function stopAfter(steps: number): { signal: AbortSignal; onEvent: (event: FitEvent) => void } {
  const controller = new AbortController();
  let done = 0;
  return {
    signal: controller.signal,
    onEvent: (event) => event.type === "step" && ++done === steps && controller.abort(),
  };
}

function copyOf(store: MemoryStore, change: (files: Map<string, Uint8Array>) => void = () => {}): RunStore {
  const copy = memoryStore(store.name);
  const files = new Map(store.files);
  change(files);
  for (const [name, bytes] of files) void copy.write(name, bytes);
  return copy;
}

const untimed = (store: MemoryStore): unknown[] =>
  new TextDecoder()
    .decode(store.files.get("metrics.jsonl"))
    .trim()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0, imagesPerSecond: 0 }));

const whole = memoryStore("whole");
const events: FitEvent[] = [];
let outcome: FitOutcome;
beforeAll(async () => {
  outcome = await fitImages(request, open, whole, { onEvent: (event) => events.push(event) });
});

describe("a whole run", () => {
  test("learns, tests once and writes every file", () => {
    if (outcome.stopped) throw new Error("stopped");
    expect(outcome.history).toHaveLength(3);
    expect(outcome.test.count).toBe(24);
    expect(outcome.test.accuracy).toBeGreaterThan(0.6);
    expect(outcome.folding.largestDifference).toBeLessThan(1e-4);
    expect(outcome.folding.layers).toBe(6);
    const files = [...whole.files.keys()].sort();
    expect(files).toEqual(
      [
        "checkpoint/checkpoint.json",
        "checkpoint/epoch-3-step-0.safetensors",
        "checkpoint/network.json",
        "metrics.jsonl",
        "model.json",
        "model.onnx",
        "model.safetensors",
        "report.html",
      ].sort(),
    );
    expect(untimed(whole)).toHaveLength(3);
    expect(new TextDecoder().decode(whole.files.get("report.html"))).toMatch(/^<!doctype html>/i);
    expect(events.map(({ type }) => type).filter((type) => type !== "step")).toEqual([
      "data",
      "network",
      "training",
      "epoch",
      "epoch",
      "epoch",
      "testing",
    ]);
  });

  test("model.onnx says its classes and normalisation, and is folded", () => {
    const { graph, metadata } = fromOnnx(whole.files.get("model.onnx")!);
    expect(metadata.classes).toEqual(classes);
    expect(metadata.inputSize).toEqual([1, 8, 8]);
    expect(metadata.mean).toHaveLength(1);
    expect(graph.values.some(({ op }) => op === "batchNorm")).toBe(false);
  });

  test("predict gives the same classes from the folder and from model.onnx", async () => {
    const images = Array.from(dataset.test.indices.slice(0, 3), (i) =>
      dataset.test.images.pixels.subarray(64 * i, 64 * i + 64),
    );
    const fromFolder = await predict(await loadRun(whole), images);
    const fromFile = await predict(loadOnnx(whole.files.get("model.onnx")!, "model.onnx"), images);
    expect(fromFolder).toHaveLength(3);
    for (const [i, guesses] of fromFolder.entries()) {
      expect(guesses.map((guess) => guess.class).sort()).toEqual([...classes].sort());
      expect(guesses.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
      expect(guesses[0]!.probability).toBeCloseTo(fromFile[i]![0]!.probability, 4);
    }
  });

  test("an ONNX file without metadata is read with stated defaults", async () => {
    const model = await loadRun(whole);
    const bare = exportModel({ ...model, metadata: {} }, "onnx")[".onnx"]!;
    const read = loadOnnx(bare, "bare.onnx");
    expect(read.classes).toEqual(["0", "1", "2"]);
    expect(read.notes.join(" ")).toMatch(
      /bare\.onnx gives no names for its 3 classes.*no normalisation: mean 0\.5/,
    );
  });

  test("export gives the files of the run again", async () => {
    const model = await loadRun(whole);
    expect(exportModel(model, "onnx")[".onnx"]).toEqual(whole.files.get("model.onnx"));
    expect(exportModel(model, "safetensors")[".safetensors"]).toEqual(whole.files.get("model.safetensors"));
  });
});

describe("ended early", () => {
  test("by `enough` it tests and writes what it has learnt so far", async () => {
    const store = memoryStore("early");
    const controller = new AbortController();
    const early = await fitImages(request, open, store, {
      enough: controller.signal,
      beforeStep({ epoch, step }) {
        if (epoch === 1 && step === 3) controller.abort();
        return undefined;
      },
    });
    if (early.stopped) throw new Error("stopped");
    expect([early.history.length, early.test.count]).toEqual([1, 24]);
    const stopped = memoryStore("stopped");
    await fitImages(request, open, stopped, stopAfter(12)); // 9 steps of the first epoch, 3 of the second
    expect((await loadRun(store)).notes).toEqual([]);
    expect((await loadRun(store)).weights).toEqual((await loadRun(stopped)).weights);
    expect(store.files.get("model.onnx")).toBeDefined();
    expect(new TextDecoder().decode(store.files.get("report.html"))).toContain("brightness");
  });
});

describe("resuming", () => {
  // Inside an epoch, at its last step, and in the last epoch.
  test.each([1, 4, 9, 14, 26])(
    "after %i steps reaches the same bits as a run that was never stopped",
    async (steps) => {
      const store = memoryStore("whole");
      expect(await fitImages(request, open, store, stopAfter(steps))).toMatchObject({
        stopped: true,
        epochs: 3,
      });
      expect(store.files.has("model.onnx")).toBe(false);
      expect(await resumeFit(open, store)).toMatchObject({ stopped: false });
      for (const file of [
        "model.safetensors",
        "model.onnx",
        "model.json",
        "checkpoint/epoch-3-step-0.safetensors",
      ])
        expect([file, store.files.get(file)]).toEqual([file, whole.files.get(file)]);
      expect(untimed(store)).toEqual(untimed(whole));
    },
  );

  test("twice, on other numbers of threads, and with plain SGD without averaging, too", async () => {
    const training = { epochs: 2, batch: 9, optimizer: "sgd", learningRate: 0.02, averageDecay: 0 } as const;
    const [straight, broken] = [memoryStore(), memoryStore()];
    await fitImages({ ...request, training }, open, straight);
    await fitImages({ ...request, training }, open, broken, stopAfter(2));
    expect(await resumeFit(open, broken, stopAfter(5))).toMatchObject({ stopped: true, epoch: 1 });
    await resumeFit(open, broken, { threads: 2 });
    expect(broken.files.get("model.safetensors")).toEqual(straight.files.get("model.safetensors"));
  });

  test("an unfinished run can be used and exported", async () => {
    const store = memoryStore("half");
    await fitImages(request, open, store, stopAfter(12));
    const model = await loadRun(store);
    expect(model.notes).toEqual([
      "The run in half is not finished: these are its weights after 1 of 3 epochs.",
    ]);
    expect(model.classes).toEqual(classes);
    expect(fromOnnx(exportModel(model, "onnx")[".onnx"]!).metadata.classes).toEqual(classes);
  });
});

describe("a checkpoint that cannot be resumed", () => {
  const states = "checkpoint/epoch-3-step-0.safetensors";
  const index = "checkpoint/checkpoint.json";
  const other = memoryStore("other");
  beforeAll(async () => {
    await fitImages({ ...request, network: { kind: "blocks", blocks: "ds_r1_k3_s2_c16" } }, open, other);
  });

  test.each<[string, (files: Map<string, Uint8Array>) => void, RegExp]>([
    ["is not there", (files) => files.delete(index), /whole: holds no checkpoint to resume from/],
    [
      "is cut short",
      (files) => files.set(states, files.get(states)!.slice(0, -100)),
      /epoch-3-step-0\.safetensors is cut short: it has \d+ of \d+ bytes/,
    ],
    ["lost its weights", (files) => files.delete(states), /epoch-3-step-0\.safetensors is missing/],
    [
      "has the weights of another network",
      (files) => files.set(states, other.files.get(states)!),
      /epoch-3-step-0\.safetensors is of another network/,
    ],
    [
      "has the graph of another network",
      (files) => files.set("checkpoint/network.json", other.files.get("checkpoint/network.json")!),
      /network\.json is of another network/,
    ],
    [
      "has one wrong byte",
      (files) =>
        files.set(
          states,
          files.get(states)!.map((byte, i, all) => (i === all.length - 5 ? byte ^ 1 : byte)),
        ),
      /is not the file the checkpoint was written with/,
    ],
    [
      "has an index cut short",
      (files) => files.set(index, files.get(index)!.slice(0, 300)),
      /checkpoint\.json is cut short or damaged/,
    ],
    [
      "is of a later format",
      (files) => files.set(index, edited(files.get(index)!, { version: 2 })),
      /has version 2 of the format; this sabok reads version 1/,
    ],
  ])("%s", async (_, change, message) => {
    await expect(resumeFit(open, copyOf(whole, change))).rejects.toThrow(message);
  });

  test("was trained on other images", async () => {
    const changed = makeDataset(
      { ...loaded, train: brightnessImages(57), test: brightnessImages(24) },
      { seed: 1 },
    );
    await expect(resumeFit(() => Promise.resolve(changed), copyOf(whole))).rejects.toThrow(
      /brightness: the images, classes or splits are not those/,
    );
  });

  function edited(bytes: Uint8Array, change: object): Uint8Array {
    return new TextEncoder().encode(
      JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(bytes)) as object), ...change }),
    );
  }
});

describe("refused", () => {
  const refuses = (change: Partial<FitRequest>, store: RunStore = memoryStore()): Promise<FitOutcome> =>
    fitImages({ ...request, ...change }, open, store);

  test("a budget below the smallest network, which is named", async () => {
    await expect(refuses({ network: { kind: "budget", macs: 1000 } })).rejects.toThrow(
      /1,000 MACs is too small: the smallest network for 1x8x8 images has [\d,]+/,
    );
  });

  test("a block string with a typo, pointing at it, and an unknown model, before any image is read", async () => {
    const never = (): Promise<Dataset> => Promise.reject(new Error("read"));
    const typo = {
      ...request,
      network: { kind: "blocks", blocks: "ds_r1_k3_s1_c16 ir_r2_k3_s2_e6_x24" },
    } as const;
    await expect(fitImages(typo, never, memoryStore())).rejects.toThrow(
      /\n {2}ds_r1_k3_s1_c16 ir_r2_k3_s2_e6_x24\n {2} {31}\^/,
    );
    const model = { ...request, network: { kind: "model", name: "mobilenet_v5" } } as const;
    await expect(fitImages(model, never, memoryStore())).rejects.toThrow(
      /no model named "mobilenet_v5"\. Did you mean mobilenet_v/,
    );
  });

  test("a batch of more images than there are", async () => {
    await expect(refuses({ training: { batch: 600 } })).rejects.toThrow(
      /--batch 600 is more than the \d+ training images/,
    );
  });

  test("a store without room, before it is written to", async () => {
    const full: MemoryStore = { ...memoryStore(), ensureRoom: () => Promise.reject(new Error("full")) };
    await expect(refuses({}, full)).rejects.toThrow("full");
    expect(full.files.size).toBe(0);
  });

  test("a loss that leaves the finite range: the step and the layer are named, the last good checkpoint stays", async () => {
    const store = memoryStore();
    await expect(
      refuses({ training: { ...request.training, learningRate: 1e30, warmupEpochs: 0 } }, store),
    ).rejects.toThrow(
      /step \d+ \(epoch 1, batch \d+\): .*"(features|classifier)\.\S+".*The last checkpoint is kept/,
    );
    expect([...store.files.keys()]).toContain("checkpoint/epoch-0-step-0.safetensors");
    expect((await loadRun(store)).notes).toHaveLength(1);
  });
});
