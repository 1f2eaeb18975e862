import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

test("TV-1.2: N(5,4) in training, N(8,9) at the test: mean 1.5 and variance 2.25 behind batch norm", async () => {
  const { results } = await chapter.run({ samples: 100_000 });
  expect(results["meanTheory"]).toBe(1.5);
  expect(results["varianceTheory"]).toBe(2.25);
  expect(Math.abs((results["mean"] as number) - 1.5)).toBeLessThan(0.03);
  expect(Math.abs((results["variance"] as number) - 2.25)).toBeLessThan(0.07);
});

test("the shift costs accuracy, AdaBN mends a change of recording and harms under other class proportions", async () => {
  const { results } = await chapter.run({});
  const of = (name: string) => results[name] as number;
  expect(of("accuracy")).toBeGreaterThan(0.85);
  expect(of("accuracyRecorded")).toBeLessThan(of("accuracy") - 0.1);
  expect(Math.abs(of("adaptedRecorded") - of("accuracy"))).toBeLessThan(0.04);
  expect(of("adaptedLabels")).toBeLessThan(of("accuracyLabels") - 0.05);
  expect(of("companyDependent")).toBeGreaterThan(0.05);
});

test("without a shift nothing is lost and nothing is gained", async () => {
  const { results } = await chapter.run({ "test-mean": 5, "test-std": 2 });
  const of = (name: string) => results[name] as number;
  expect(Math.abs(of("accuracyRecorded") - of("accuracy"))).toBeLessThan(0.03);
  expect(Math.abs(of("adaptedRecorded") - of("accuracy"))).toBeLessThan(0.03);
});

test("test data that do not vary are explained by numbers, not NaN", async () => {
  const { results } = await chapter.run({ "test-std": 0 });
  for (const value of Object.values(results).flat()) expect(value).not.toBeNaN();
});
