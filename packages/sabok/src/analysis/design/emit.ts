// A stack as something to use: sabok code, and timm's notation where that can say it.
import { formatBlockString, type BlockStage } from "../../nn/models/index.ts";
import type { Design } from "./designResult.ts";
import type { DesignProblem } from "./problem.ts";

export interface EmittedDesign {
  /** A module that exports the stack as `block`, from Value to Value, each convolution with batch norm and ReLU. */
  readonly code: string;
  /** The same in timm's notation; null where that has no words for it. */
  readonly blockString: string | null;
  /** Why there is no block string. */
  readonly note?: string;
}

/** The stack as code and as a block string. */
export function emitDesign(stack: Design, problem: DesignProblem): EmittedDesign {
  const note = whyNoBlockString(stack, problem);
  return {
    code: codeOf(stack, problem),
    ...(note === undefined ? { blockString: blockStringOf(stack, problem) } : { blockString: null, note }),
  };
}

function codeOf({ layers, macs, receptiveField }: Design, { input, channels, cost }: DesignProblem): string {
  const lines = layers.map(({ kernel, dilation, stride }, l) => {
    const options = [
      `out: ${channels[l + 1]}`,
      `kernel: ${kernel}`,
      ...(dilation > 1 ? [`dilation: ${dilation}`] : []),
      ...(stride > 1 ? [`stride: ${stride}`] : []),
      ...(cost === "same" ? [`padding: "same"`] : []),
    ];
    return `  x = layer(x, { ${options.join(", ")} });`;
  });
  const padding = cost === "same" ? "with padding" : "without padding";
  return `${[
    `import { batchNorm, conv2d, relu, type Conv2dOptions, type Value } from "sabok";`,
    "",
    `/** ${macs.toLocaleString("en-US")} MACs on ${channels[0]}x${input.join("x")} ${padding}; an output sees ${receptiveField}x${receptiveField} pixels. */`,
    "export function block(x: Value): Value {",
    ...lines,
    "  return x;",
    "}",
    "",
    "function layer(x: Value, options: Conv2dOptions): Value {",
    "  return relu(batchNorm(conv2d(x, options)));",
    "}",
  ].join("\n")}\n`;
}

function whyNoBlockString({ layers }: Design, { cost }: DesignProblem): string | undefined {
  if (cost === "valid" && layers.some(({ kernel }) => kernel > 1))
    return "Blocks in timm's notation pad their maps, and this stack does not; take the code.";
  if (layers.some(({ kernel, stride }) => kernel % 2 === 0 || stride > 2))
    return "timm's block notation has odd kernels and strides of 1 and 2 only; take the code.";
  return undefined;
}

function blockStringOf({ layers }: Design, { channels }: DesignProblem): string {
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
  return formatBlockString({ stem: undefined, stages, head: undefined });
}
