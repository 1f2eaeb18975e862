// Every reason that the library gives has a Persian one with the same numbers.
import { design, type DesignOptions } from "sabok/analysis";
import { expect, test } from "vitest";
import { reasonIn } from "./reasons.ts";

const questions: readonly DesignOptions[] = [
  { threshold: 1 },
  { input: [48, 32], measure: "h", threshold: 0.9 },
  { input: [48, 32], measure: "area", threshold: 0.9, strict: false },
  { minOutput: 64 },
  { threshold: 0.9 },
  { cost: "same", minOutput: 20, strides: [2], layers: [1, 3] },
  { kernels: [31], layers: [1, 2] },
  { kernels: [3], layers: [1, 2] },
  { kernels: [3], layers: [1, 1] },
  { kernels: [3], maxDilation: 1, coverage: "none", layers: [2, 4] },
  {
    kernels: [3],
    strides: [2],
    maxDilation: 1,
    cost: "same",
    coverage: "none",
    layers: [1, 2],
    minOutput: 1,
  },
  { kernels: [3], strides: [4], layers: [2, 3], minOutput: 1 },
  { kernels: [3], strides: [2], layers: [3, 4], minOutput: 6 },
  { kernels: [7], strides: [1], layers: [1, 3], minOutput: 16, threshold: 0.52 },
  { kernels: [5], layers: [1, 2], maxDilation: 2, threshold: 0.6, minOutput: 4 },
  { kernels: [2, 9], layers: [2, 2], maxDilation: 1, threshold: 0.7, minOutput: 1 },
  { kernels: [3, 4], layers: [1, 2], maxDilation: 8, measure: "area", threshold: 0.25, minOutput: 17 },
];

test("no Latin letter is left, and every number is kept", async () => {
  const seen = new Set<string>();
  for (const question of questions) {
    const { reason, perDepth } = await design(question);
    for (const said of [
      reason,
      ...perDepth.map((answer) => ("reason" in answer ? answer.reason : undefined)),
    ]) {
      if (said === undefined) continue;
      seen.add(said);
      const persian = reasonIn("fa", said, (text) => text);
      expect(persian, said).not.toMatch(/[A-Za-z]/);
      const last = /(\d+)[^\d]*$/.exec(said)?.[1];
      if (last) expect(persian, said).toContain(last);
    }
  }
  expect(seen.size).toBeGreaterThan(18);
});

test("in English a reason is the library's own; in Persian its digits are Persian", async () => {
  const { reason } = await design({ kernels: [3], layers: [1, 2] });
  expect(reasonIn("en", reason!, () => "")).toBe(reason);
  const persian = reasonIn("fa", reason!, (text) =>
    text.replaceAll(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[Number(digit)]!),
  );
  expect(persian).toBe(
    "هیچ عمقی از ۱ تا ۲ بس نیست. با یک لایه: هیچ هسته‌ای به اندازهٔ کافی بزرگ نیست: بدون حفره یک لایه با هستهٔ ۳ حداکثر ۳ پیکسل می‌بیند؛ ۱۷ لازم است. " +
      "با ۲ لایه: هیچ هسته‌ای به اندازهٔ کافی بزرگ نیست: بدون حفره ۲ لایه با هستهٔ ۳ حداکثر ۹ پیکسل می‌بیند؛ ۱۷ لازم است.",
  );
});
