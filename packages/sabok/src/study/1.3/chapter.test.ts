import { expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { foldBatchNorm, toInference } from "../../passes/index.ts";
import { familyNetwork } from "../mobileFamily.ts";
import { chapter } from "./chapter.ts";

const few = { images: 50 };
const of = async (values: Record<string, number | string>) =>
  (await chapter.run({ ...few, ...values })).results as Record<string, number>;

test.each([
  [2, 8.5],
  [0.5, 1],
  [-1, -6.5],
])("TV-1.3a: the weight times %d at inference", async (alpha, expected) => {
  const found = await of({ alpha });
  expect(found["y"]).toBeCloseTo(3.5, 12);
  expect(found["yWeights"]).toBeCloseTo(expected, 12);
  expect(found["yWeightsFormula"]).toBeCloseTo(expected, 12);
  expect(found["yStatisticsMoved"]).toBeCloseTo(alpha > 0 ? 3.5 : -3.5, 12);
});

test("the closed forms hold with a bias, γ and β", async () => {
  const found = await of({ alpha: -2.5, bias: 0.7, gamma: -1.5, beta: 0.3 });
  expect(found["yWeights"]).toBeCloseTo(found["yWeightsFormula"]!, 9);
  expect(found["yWeightsAndBias"]).toBeCloseTo(found["yWeightsAndBiasFormula"]!, 9);
});

test("(a) the bias cancels in training; at inference it goes only with its share of the running mean", async () => {
  const found = await of({});
  expect(found["biasTrainingDifference"]).toBeLessThan(1e-10);
  expect(found["biasTrainingGradient"]).toBeLessThan(1e-12);
  expect(found["biasInferenceGradient"]).toBeGreaterThan(1e-3);
  expect(found["biasDeletedAlone"]).toBeGreaterThan(0.1);
  expect(found["biasDeletedWithMean"]).toBeLessThan(1e-5);
});

test("(b) statistics that move along leave the output, frozen ones do not; (d) input × α is the first layer × α", async () => {
  const found = await of({ alpha: 2 });
  expect(found["changeStatisticsMoved"]).toBeLessThan(1e-3);
  expect(found["changeWeights"]).toBeGreaterThan(0.1);
  expect(found["firstLayerAgainstInput"]).toBeLessThan(1e-5);
});

test.each([0.25, 3, -2])(
  "(c) in training α = %d only flips the sign, and the gradient shrinks by α",
  async (alpha) => {
    const found = await of({ alpha });
    expect(found["trainingFlip"]).toBeLessThan(1e-9);
    expect(found["changeTraining"]).toBeLessThan(1e-2);
    expect(found["radialGradient"]).toBeLessThan(1e-3);
    if (alpha > 0) expect(found["gradientRatio"]).toBeCloseTo(1 / alpha, 2);
  },
);

test("most classes are kept under a moderate factor, fewer under a large one", async () => {
  const mild = await of({ alpha: 1.1, images: 1000 });
  const strong = await of({ alpha: 10, images: 1000 });
  expect(mild["keptWeights"]).toBeGreaterThan(0.95);
  expect(strong["keptWeights"]).toBeLessThan(mild["keptWeights"]!);
});

test("α = 0 leaves β, not NaN", async () => {
  const { results } = await chapter.run({ ...few, alpha: 0, beta: 0.25 });
  expect(results["yStatisticsMoved"]).toBe(0.25);
  for (const value of Object.values(results)) expect(value).not.toBeNaN();
});

test("any network with batch norms: its classes change at inference, and with its statistics moved along they stay", async () => {
  const graph = familyNetwork({ expansion: 1 }).graph;
  const weights = await readStudyCheckpoint("mobile-t1");
  const { results } = await chapter.run({ images: 40, alpha: 4 }, { model: { graph, weights } });
  expect(results["classified"]).toBe(40);
  expect(results["changeWeights"]).toBeGreaterThan(0.1);
  expect(results["changeStatisticsMoved"]).toBeLessThan(1e-2);
  expect(results["keptStatisticsMoved"]).toBe(1);
  const folded = { graph: foldBatchNorm(toInference(graph), weights).graph, weights };
  await expect(chapter.run({}, { model: folded })).rejects.toThrow(
    /no convolution with a batch norm right after it/,
  );
});

test("a trained net: the input times α costs accuracy", async () => {
  const { results } = await chapter.run(
    { net: "trained", alpha: 3, images: 500 },
    { checkpoint: readStudyCheckpoint },
  );
  expect(results["accuracy"]).toBeGreaterThan(0.8);
  expect(results["accuracyInput"]).toBeLessThan(results["accuracy"] as number);
});
