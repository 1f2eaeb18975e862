import { expect, test } from "vitest";
import { plainFormulas, plainTex } from "./plainTex.ts";

test.each([
  [String.raw`\frac{a+b}{\sqrt{\sigma^2+\varepsilon}}`, "(a+b)/(√(σ²+ε))"],
  [String.raw`\frac1{NHW}\sum_n x_n`, "1/(NHW)Σ_n x_n"],
  [String.raw`\tfrac12`, "1/2"],
  [String.raw`\frac\gamma\sigma`, "γ/σ"],
  [String.raw`\alpha\hat x\to\operatorname{sign}(\alpha)`, "αx̂→sign(α)"],
  [String.raw`W_2\operatorname{ReLU}(\mathrm{BN}(W_1x))`, "W_2ReLU(BN(W_1x))"],
])("%s", (tex, expected) => expect(plainTex(tex)).toBe(expected));

test("formulas and emphasis within a sentence", () => {
  expect(plainFormulas("with $m = 8$ and $\\alpha^2$, **not** *more*")).toBe("with m = 8 and α², not more");
});
