import { shapeOf } from "../../../graph/index.ts";
import { hasOwnWeight, isConvolution, nodeName, percent, readersOf } from "../reading.ts";
import type { Rule } from "../rule.ts";

const lanes = 8;

/** Channel counts that leave vector lanes empty. */
export const channelMultiples: Rule = {
  name: "channel-multiples",
  doc: "Kernels work on blocks of 8 channels; a last block that is not full costs as much as a full one.",
  *check({ fields: { graph }, users }) {
    const outputs = new Set(Object.values(graph.outputs));
    for (const layer of graph.values) {
      if (
        !(isConvolution(layer) || layer.op === "linear" || layer.op === "fusedLinear") ||
        !hasOwnWeight(layer)
      )
        continue;
      const channels = shapeOf(layer.inputs[1]!)[0]!;
      // The classes are as many as they are.
      const isResult =
        outputs.has(layer) || (users.get(layer)!.length > 0 && readersOf(layer, users).length === 0);
      if (channels % lanes === 0 || isResult) continue;
      const blocks = Math.ceil(channels / lanes) * lanes;
      yield {
        node: nodeName(layer),
        severity: "info",
        message: `${channels} channels are not a multiple of ${lanes}: the last block is ${channels % lanes} of ${lanes} full.`,
        effect: `${percent(blocks / channels - 1, 1)} more work than the MACs say, here and in the layer behind.`,
        fix: `Take ${Math.max(lanes, Math.round(channels / lanes) * lanes)} channels, or ${blocks}, which cost no more time.`,
      };
    }
  },
};
