import { expect, test } from "vitest";
import { shapeOf, type Value } from "../../graph/index.ts";
import * as nn from "../../nn/index.ts";
import { parseBlockString } from "../../nn/models/index.ts";
import { countMacs } from "../cost.ts";
import { design } from "./design.ts";
import { emitDesign } from "./emit.ts";
import type { DesignOptions } from "./problem.ts";

/** The emitted module's function, run as JavaScript. */
function blockOf(code: string): (x: Value) => Value {
  const body = code
    .replace(/^import .*$/m, "")
    .replaceAll(/: (Value|Conv2dOptions)/g, "")
    .replace("export function block", "return function block");
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  return new Function("batchNorm", "conv2d", "relu", body)(nn.batchNorm, nn.conv2d, nn.relu);
}

test.each<DesignOptions>([
  {},
  { strides: [1, 2], channels: [3, 16, 32, 64], minOutput: 4 },
  { input: [48, 32], threshold: 0.9, cost: "same", kernels: [2, 3, 4], strides: [1, 2], channels: 8 },
])("the code builds the network that was counted: %j", async (options) => {
  const { best, problem } = await design(options);
  const { code } = emitDesign(best!, problem);
  const { graph } = nn.network({ image: [problem.channels[0]!, ...problem.input] }, ({ image }) =>
    blockOf(code)(image),
  );
  expect(shapeOf(graph.outputs["logits"]!).slice(2)).toEqual([...best!.outputs.at(-1)!]);
  expect(countMacs(graph)).toBe(best!.macs);
  expect(code).toContain(`${best!.macs.toLocaleString("en-US")} MACs`);
});

test("timm's notation where it can say it, else why not", async () => {
  const plain: DesignOptions = {
    cost: "same",
    maxDilation: 1,
    threshold: 0.2,
    channels: [3, 16, 32, 64],
    kernels: [3],
    strides: [1, 2],
    minOutput: 4,
  };
  const emit = async (options: DesignOptions) => {
    const { best, problem } = await design(options);
    return emitDesign(best!, problem);
  };
  const { blockString } = await emit(plain);
  expect(parseBlockString(blockString!).stages).toMatchObject([
    { type: "cn", kernel: 3, stride: 2, channels: 16 },
    { stride: 2, channels: 32 },
  ]);
  const dilated = await emit({ ...plain, strides: [1], maxDilation: 8 });
  expect(parseBlockString(dilated.blockString!).stages.some(({ dilation }) => (dilation ?? 1) > 1)).toBe(
    true,
  );
  expect((await emit({})).blockString).toBeNull();
  expect((await emit({ ...plain, cost: "valid" })).note).toMatch(/pad their maps/);
  expect((await emit({ ...plain, kernels: [4] })).note).toMatch(/odd kernels/);
});
