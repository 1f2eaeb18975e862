// A designed stack in block notation, for the Network room: a 1x1 stem makes its first channels, then one convolution a layer.
import type { Design, DesignProblem } from "sabok/analysis";
import { formatBlockString, type BlockStage } from "sabok/models";

/** The block string; null where the notation has no words: even kernels, strides above 2. Blocks always pad their maps. */
export function stackBlocks({ layers }: Design, { channels }: DesignProblem): string | null {
  if (layers.some(({ kernel, stride }) => kernel % 2 === 0 || stride > 2)) return null;
  const stages = layers.map(({ kernel, dilation, stride }, l): BlockStage => ({
    type: "cn",
    repeat: 1,
    kernel,
    stride,
    ...(dilation > 1 && { dilation }),
    expansion: 1,
    channels: channels[l + 1]!,
    squeeze: 0,
    activation: "relu",
    skip: undefined,
  }));
  const stem = { kernel: 1, stride: 1, channels: channels[0]!, activation: "relu" } as const;
  return formatBlockString({ stem, stages, head: undefined });
}
