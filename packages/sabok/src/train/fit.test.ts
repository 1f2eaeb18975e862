// A run that is held, stepped and looked into ends with the bits of one that was left alone; a changed rate acts at once.
import { describe, expect, test } from "vitest";
import { makeDataset } from "../data/index.ts";
import { noiseImages } from "../data/testImages.ts";
import { batchNorm, conv2d, globalAvgPool, linear, network } from "../nn/index.ts";
import { fit } from "./fit.ts";
import type { FitHooks, FitOptions, FitResult, Progress } from "./fitOptions.ts";
import { learningRateAt } from "./schedule.ts";

const dataset = makeDataset(
  {
    name: "noise",
    source: "a test",
    classes: ["a", "b", "c"],
    flip: true,
    padding: "zero",
    train: noiseImages(40, 3),
    test: noiseImages(6, 3),
  },
  { seed: 1 },
);
const net = network({ image: [1, 8, 8] }, ({ image }) =>
  linear(globalAvgPool(batchNorm(conv2d(image, { out: 4, kernel: 3 }), { activation: "relu" })), { out: 3 }),
);
const options: FitOptions = {
  epochs: 2,
  batch: 9,
  optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  learningRate: 0.01,
  warmupEpochs: 1,
  smoothing: 0.1,
  averageDecay: 0.9,
  augmentation: { shift: 1, flip: true },
  seed: 3,
};
const steps = 4;
const schedule = { peak: 0.01, warmupSteps: steps, totalSteps: 2 * steps };

const run = (hooks: FitHooks = {}, more: Partial<FitOptions> = {}): Promise<FitResult> =>
  fit(net, dataset, { ...options, ...more }, hooks);
const bits = ({ checkpoint }: FitResult): object => Object.fromEntries(checkpoint.states);

describe("beforeStep", () => {
  test("is called before every step with its place and the schedule's rate", async () => {
    const seen: [number, number, number][] = [];
    await run({
      beforeStep({ epoch, step, learningRate }) {
        seen.push([epoch, step, learningRate]);
        return undefined;
      },
    });
    expect(seen.map(([epoch, step]) => epoch * steps + step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map(([, , rate]) => rate)).toEqual(seen.map((_, at) => learningRateAt(schedule, at)));
    expect(seen[0]![2]).toBeCloseTo(0.0025, 12);
  });

  test("a run that was paused, stepped and looked into ends with the same bits", async () => {
    const straight = await run();
    let resume: (() => void) | undefined;
    let [held, done] = [0, 0];
    const paused = await run({
      async beforeStep({ weights }) {
        expect([...weights("kept").keys()]).toEqual([...weights("trained").keys()]);
        const waiting = new Promise<void>((resolve) => (resume = resolve));
        // Nothing but this call lets the run go on: it stands still after as many steps as were let through.
        queueMicrotask(() => {
          expect(done).toBe(held++);
          resume!();
        });
        await waiting;
        return undefined;
      },
      onStep: () => done++,
    });
    expect(held).toBe(2 * steps);
    expect(bits(paused)).toEqual(bits(straight));
    expect(paused.history.map(({ loss, validation }) => [loss, validation])).toEqual(
      straight.history.map(({ loss, validation }) => [loss, validation]),
    );
  });

  test("a signal that comes while it waits stops the run before the step", async () => {
    const controller = new AbortController();
    const stopped = await run({
      signal: controller.signal,
      beforeStep({ epoch, step }) {
        if (epoch * steps + step === 5) controller.abort();
        return undefined;
      },
    });
    expect([stopped.stopped, stopped.checkpoint.epoch, stopped.checkpoint.step]).toEqual([true, 1, 1]);
    expect(bits(await run({ resume: stopped.checkpoint }))).toEqual(bits(await run()));
  });

  test("the rate it gives is the step's: half the schedule's everywhere is half the peak", async () => {
    const rates: number[] = [];
    const halved = await run({
      beforeStep: ({ learningRate }) => learningRate / 2,
      onStep: ({ learningRate }) => rates.push(learningRate),
    });
    expect(rates).toEqual(rates.map((_, at) => learningRateAt(schedule, at) / 2));
    expect(bits(halved)).toEqual(bits(await run({}, { learningRate: 0.005 })));
    expect(halved.history[1]!.learningRate).toBe(rates.at(-1));
  });

  test("a rate of 0 leaves the weights as they are", async () => {
    const still = await run({ beforeStep: () => 0 });
    expect(still.checkpoint.states.get("conv.weight")).toEqual(net.weights.get("conv.weight"));
  });

  test("a rate that is no rate is refused", async () => {
    await expect(run({ beforeStep: () => Number.NaN })).rejects.toThrow(
      /beforeStep gave the learning rate NaN for step 1 of epoch 1; expected a finite number of at least 0/,
    );
  });
});

test("progress tells the step's own loss and accuracy beside the epoch's means", async () => {
  const seen: Progress[] = [];
  await run({ onStep: (progress) => seen.push(progress) });
  const first = seen.slice(0, steps);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  expect(seen).toHaveLength(2 * steps);
  expect(first[3]!.loss).toBeCloseTo(mean(first.map(({ batchLoss }) => batchLoss)), 6);
  expect(first[3]!.accuracy).toBeCloseTo(mean(first.map(({ batchAccuracy }) => batchAccuracy)), 6);
});
