import { beforeEach, describe, expect, test } from "vitest";
import type { TrainReport } from "../../engine/jobs/train.ts";
import type { Look } from "../../engine/jobs/trainLooks.ts";
import { defaultSettings } from "./settings.ts";
import { TrainingRun } from "./TrainingRun.ts";

const training: TrainReport = {
  kind: "training",
  epochs: 2,
  batch: 8,
  steps: 10,
  peak: 0.004,
  backend: "wasm",
};
const progress = {
  epoch: 1,
  epochs: 2,
  step: 3,
  steps: 10,
  loss: 2,
  accuracy: 0.2,
  batchLoss: 2,
  batchAccuracy: 0.2,
  learningRate: 0.001,
  imagesPerSecond: 90,
  remainingSeconds: 2,
};
const steps = (...numbers: number[]): TrainReport => ({
  kind: "steps",
  points: numbers.map((step) => ({ step, loss: 3 - step / 10, accuracy: step / 20, rate: 0.001 })),
  progress,
  imagesPerSecond: 80,
});
const look = (step: number, ...shifts: number[]): TrainReport => ({
  kind: "look",
  look: {
    step,
    layers: [],
    norms: shifts.map((shift, i) => ({ name: `norm${i}`, shift, ratio: 1 })),
    guesses: [],
    took: 5,
  } satisfies Look,
});

let run: TrainingRun;
beforeEach(() => {
  run = new TrainingRun(1, defaultSettings, "test");
  run.hear(training);
});

describe("hear", () => {
  test("steps become points over epochs, and the first one says that it goes", () => {
    expect(run.phase.value).toBe("preparing");
    run.hear(steps(1, 2));
    run.hear(steps(3));
    expect(run.curve.all.map(({ x }) => x)).toEqual([0.1, 0.2, 0.3]);
    expect([run.phase.value, run.drawn.value, run.steps.value?.imagesPerSecond]).toEqual(["going", 2, 80]);
  });

  test("held, going and testing are phases; a step heard late does not undo a hold", () => {
    run.hear({ kind: "held" });
    run.hear(steps(1));
    expect(run.phase.value).toBe("held");
    run.hear({ kind: "going" });
    expect(run.phase.value).toBe("going");
    run.hear({ kind: "testing" });
    expect(run.phase.value).toBe("testing");
  });

  test("epochs give the validation as a line over epochs", () => {
    const metrics = { epoch: 1, loss: 2, accuracy: 0.3, learningRate: 0.004, imagesPerSecond: 9, seconds: 1 };
    run.hear({ kind: "epoch", metrics: { ...metrics, validation: { loss: 1.5, accuracy: 0.5 } } });
    run.hear({ kind: "epoch", metrics: { ...metrics, epoch: 2 } });
    expect(run.validation(({ loss }) => loss)).toEqual([[1, 1.5]]);
    expect(run.epochs.value).toHaveLength(2);
  });

  test("looks keep the first beside the latest, and the drift by mean and worst", () => {
    run.hear(look(0, 1, 3));
    run.hear(look(5, 0.5, 0.1));
    run.hear(look(5, 0.25, 0.05)); // looked at again while held
    expect([run.looks.value?.first.step, run.looks.value?.now.norms[0]?.shift]).toEqual([0, 0.25]);
    expect(run.drifts.value).toEqual([
      { x: 0, mean: 2, worst: 3 },
      { x: 0.5, mean: 0.15, worst: 0.25 },
    ]);
  });

  test("a network without batch norm has no drift", () => {
    run.hear(look(0));
    expect([run.drifts.value, run.looks.value?.now.step]).toEqual([[], 0]);
  });
});
