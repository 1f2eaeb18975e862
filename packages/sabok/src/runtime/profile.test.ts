// A profile has one entry a step, all the multiply-accumulates, and leaves the session's states alone.
import { describe, expect, test } from "vitest";
import { countMacs } from "../analysis/index.ts";
import { batchNorm, conv2d, globalAvgPool, linear, network } from "../nn/index.ts";
import { initialStates, trainingGraph } from "../train/index.ts";
import { compile } from "./compile.ts";
import { bandwidthAt, measurePeaks } from "./peaks.ts";
import { judge, profile } from "./profile.ts";
import { createSession } from "./session.ts";

const net = network({ image: [3, 16, 16] }, ({ image }) => {
  const x = batchNorm(conv2d(image, { out: 16, kernel: 3, stride: 2, padding: 1 }), { activation: "relu6" });
  return linear(globalAvgPool(batchNorm(conv2d(x, { out: 24 }))), { out: 5 });
});
const peaks = {
  flops: 50e9,
  copies: [1e5, 1e7].map((bytes) => ({ bytes, bytesPerSecond: 1e15 / bytes })),
  threads: 1,
};

describe("profile", () => {
  test.each([1, 2])("of an inference plan on %i threads", async (threads) => {
    const session = await compile(net, { batch: 4, threads });
    const { steps, milliseconds, timeline } = await profile(
      session,
      { image: new Float32Array(4 * 768) },
      4,
      peaks,
    );
    session.close();
    expect(steps.map(({ name, kernel }) => [name, kernel])).toEqual(
      session.plan.steps.map(({ value, call }) => [value.name, call === "host" ? "host" : call.kernel]),
    );
    expect(steps.reduce((total, step) => total + step.macs, 0)).toBeCloseTo(4 * countMacs(net.graph));
    const [first] = steps;
    expect(first!.bytes).toBeGreaterThanOrEqual(4 * 4 * (768 + 16 * 64));
    expect(milliseconds.min).toBeGreaterThan(0);
    expect(milliseconds.min).toBeLessThanOrEqual(milliseconds.median);
    expect(timeline.every(({ begin, milliseconds: length }) => begin >= 0 && length >= 0)).toBe(true);
    if (threads === 1) expect(timeline.map(({ step }) => step)).toEqual([...steps.keys()]);
  });

  test("of a training step, whose states stay as they were", async () => {
    const optimizer = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0 } as const;
    const graph = trainingGraph(net.graph, { batch: 4, optimizer, smoothing: 0, average: false });
    const session = await createSession(graph);
    session.setStates(initialStates(graph, net.weights));
    const before = session.getStates();
    const feeds = {
      image: new Float32Array(3072).fill(0.5),
      target: new Float32Array(20).fill(0.2),
      rate: Float32Array.of(0.1),
    };
    const { steps } = await profile(session, feeds, 2, peaks);
    expect(session.getStates()).toEqual(before);
    // In place: read and written.
    const update = steps.find(({ op, shape }) => op === "sgdStep" && shape.length === 4);
    expect(update!.bytes).toBeGreaterThanOrEqual(12 * update!.shape.reduce((a, b) => a * b, 1));
  });
});

test("the machine's peaks are positive, and a copy of any size lies between the measured ones", async () => {
  const measured = await measurePeaks();
  expect(measured.flops).toBeGreaterThan(1e8);
  for (const { bytesPerSecond } of measured.copies) expect(bytesPerSecond).toBeGreaterThan(1e8);
  expect(bandwidthAt(peaks, 1)).toBe(1e10);
  expect(bandwidthAt(peaks, 1e6)).toBeCloseTo(1e9, -3);
  expect(bandwidthAt(peaks, 1e9)).toBe(1e8);
});

test.each([
  [25e6, 1000, 1, 1, "compute"],
  [25e6, 1000, 2, 0.5, "compute"],
  [0, 1e5, 0.01, 1, "memory"],
  [1000, 1e5, 0.1, 0.1, "overhead"],
])("%d MACs and %d bytes in %d ms: a share of %d, bound by %s", (macs, bytes, milliseconds, share, bound) => {
  const judged = judge(macs, bytes, milliseconds, peaks);
  expect(judged.share).toBeCloseTo(share, 5);
  expect(judged.bound).toBe(bound);
});
