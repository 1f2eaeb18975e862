import { design, receptiveField } from "sabok/analysis";
import { blockStringNetwork, parseBlockString } from "sabok/models";
import { expect, test } from "vitest";
import { stackBlocks } from "./stackBlocks.ts";

test("the cheapest stack of the defaults in blocks sees what the stack sees", async () => {
  const { best, problem } = await design({ channels: 16 });
  const text = stackBlocks(best!, problem)!;
  expect(text).toBe("stem_k1_s1_c16_nre cn_r1_k3_s1_d8_c16_nre cn_r1_k3_s1_d3_c16_nre cn_r1_k3_s1_c16_nre");
  expect(parseBlockString(text).stages).toHaveLength(3);
  const network = blockStringNetwork(text, { classes: 10, input: [3, 64, 64] });
  const last = receptiveField(network.graph);
  expect(last.size).toEqual([best!.receptiveField, best!.receptiveField]);
});

test("even kernels and strides above 2 have no words", async () => {
  const { best, problem } = await design({ kernels: [2, 4] });
  expect(stackBlocks(best!, problem)).toBeNull();
});
