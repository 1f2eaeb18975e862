// docs/exchange-operators.md is what the tables of this room say. After a change: npx vitest run --project unit exchangeOperators -u
import { expect, test } from "vitest";
import { opTable, type OpName } from "../ops/index.ts";
import { exportRuleOf } from "./exportRules.ts";
import { importRules } from "./importRules.ts";
import { decodeMessage } from "./protobuf.ts";
import { sampleModel } from "./testModels.ts";
import { tfjsRules } from "./tfjsRules.ts";
import { tfliteRules } from "./tfliteRules.ts";
import { toOnnx } from "./toOnnx.ts";

const listOf = (names: Iterable<string>): string =>
  [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => `\`${name}\``)
    .join(", ");

/** The operators of ONNX that the samples of one of sabok's become. */
function onnxOf(op: OpName): string {
  const rule = exportRuleOf(op);
  if (typeof rule === "object") return `not exported: ${rule.refused}`;
  const spec = opTable[op]!;
  const { graph, weights } = sampleModel(spec, [...spec.samples()]);
  const { node } = decodeMessage("ModelProto", toOnnx(graph, weights, { batch: "fixed" })).graph!;
  return listOf(new Set(node.map(({ opType }) => opType!)));
}

function page(): string {
  const ops = Object.keys(opTable) as OpName[];
  return `# Operators, format by format

Written from the import and export tables by \`exchangeOperators.test.ts\`, which fails where this page is not what they say.
What each format holds beside its operators, and the limits, stand in [exchange.md](exchange.md).

## ONNX in (${importRules.size})

${listOf(importRules.keys())}

## TensorFlow.js graph models in (${Object.keys(tfjsRules).length + 2})

${listOf([...Object.keys(tfjsRules), "Const", "Placeholder"])}

## TFLite in (${tfliteRules.size})

${listOf(tfliteRules.keys())}

## ONNX out

Each operator of sabok and the operators of ONNX that its samples become, opset 18.

| sabok | ONNX |
|---|---|
${ops.map((op) => `| \`${op}\` | ${onnxOf(op)} |`).join("\n")}
`;
}

test("the page is what the tables say", async () => {
  await expect(page()).toMatchFileSnapshot("../../../../docs/exchange-operators.md");
});
