// sabok design: the cheapest stack of convolutions that sees enough.
import type { ArgsDef, ParsedArgs } from "citty";
import {
  design,
  designDefaults,
  designPage,
  emitDesign,
  type DesignOptions,
  type DesignProgress,
} from "sabok/analysis";
import { writeFileWhole } from "sabok/node";
import { UsageError, defineCommand, numberOption, wordOption } from "../command.ts";
import { showDesign, showEmitted } from "../designView.ts";
import { shellWord } from "../fitView.ts";
import { formatInteger } from "../format.ts";
import { abortOnSignals, interruptedStatus } from "../interrupts.ts";
import { version } from "../version.ts";

const defaults = designDefaults;

const args = {
  input: {
    type: "string",
    valueHint: "HxW",
    description: `Height x width; ${defaults.input.join("x")} if not given`,
  },
  threshold: {
    type: "string",
    valueHint: "share",
    description: `The receptive field asked for, relative to the input; ${defaults.threshold}`,
  },
  strict: { type: "boolean", description: "Above the threshold, as if neither is given" },
  "at-least": { type: "boolean", description: "The threshold itself is enough" },
  measure: {
    type: "string",
    valueHint: "h|w|area|each",
    description: "Relative to height, width, area, or to both edges each (as if not given)",
  },
  layers: {
    type: "string",
    valueHint: "from..to",
    description: `Least and most layers, or one number; ${defaults.layers.join("..")}`,
  },
  kernels: {
    type: "string",
    valueHint: "list",
    description: `Allowed kernels: 3,5,7 or 1..7, even ones too; ${defaults.kernels.join(",")}`,
  },
  "max-dilation": {
    type: "string",
    valueHint: "n",
    description: `Largest dilation; ${defaults.maxDilation}`,
  },
  strides: {
    type: "string",
    valueHint: "list",
    description: `Allowed strides; ${defaults.strides.join(",")}`,
  },
  "min-output": {
    type: "string",
    valueHint: "n",
    description: `Least height and width of the last map; ${defaults.minOutput}`,
  },
  channels: {
    type: "string",
    valueHint: "n|list",
    description: `One number, or one more than the most layers, the input's first; ${defaults.channels}`,
  },
  cost: {
    type: "string",
    valueHint: "valid|same",
    description: `Without padding, or padded to the size over the stride; ${defaults.cost}`,
  },
  coverage: {
    type: "string",
    valueHint: "none|prefix|final",
    description: `Holes: allowed, none after any layer, none in the end; ${defaults.coverage}`,
  },
  emit: { type: "boolean", description: "Print the stack as code and as a block string" },
  html: { type: "string", valueHint: "file", description: "Write a page with the plot of the frontier" },
} as const satisfies ArgsDef;

export const designCommand = defineCommand({
  name: "design",
  summary: "find the cheapest stack of convolutions that sees enough",
  description:
    "Finds kernel, dilation and stride of each layer so that the multiply-accumulates (MACs) are fewest and the relative receptive field is above a threshold. " +
    "Exact, by dynamic programming, with the optimum of every depth and the whole frontier of cost against receptive field. " +
    "Ctrl-C gives the best so far with a proved lower bound. Exit status 1: there is no such stack, with the reason.",
  args,
  examples: [
    [
      "sabok design --input 32x32 --threshold 0.5 --layers 1..5 --kernels 3,5,7",
      "See more than half of each edge, without holes",
    ],
    [
      "sabok design --input 224x224 --strides 1,2 --channels 3,16,32,64 --html stack.html",
      "With strides and channels; a page",
    ],
    [
      "sabok design --input 64x48 --measure area --at-least --cost same --emit",
      "Padded, by area; print the code",
    ],
  ],
  async run(given, terminal) {
    const options = readOptions(given);
    const controller = new AbortController();
    const release = abortOnSignals(controller, terminal, "Stopping; what is found so far follows.");
    try {
      const onProgress = (progress: DesignProgress): void => terminal.progress(() => progressLine(progress));
      const result = await design(options, { onProgress, signal: controller.signal });
      const emitted = given.emit && result.best ? emitDesign(result.best, result.problem) : undefined;
      if (given.html !== undefined)
        await writeFileWhole(
          given.html,
          await designPage(result, { version: version(), command: commandLine() }),
        );
      terminal.document({
        type: "design",
        ...result,
        ...(emitted && { emit: emitted }),
        ...(given.html !== undefined && { html: given.html }),
      });
      if (!terminal.json) {
        showDesign(terminal, result);
        if (emitted) showEmitted(terminal, emitted);
        if (given.html !== undefined) terminal.line(`\nPage: ${given.html}`);
      }
      if (controller.signal.aborted && !result.proof.complete) return interruptedStatus;
      return result.feasible ? 0 : 1;
    } finally {
      release();
    }
  },
});

function readOptions(given: ParsedArgs<typeof args>): DesignOptions {
  if (given.strict && given["at-least"]) throw new UsageError("Give --strict or --at-least, not both.");
  const numbers = {
    threshold: numberOption("--threshold", given.threshold, { least: 0, most: 1 }),
    maxDilation: numberOption("--max-dilation", given["max-dilation"], { least: 1, whole: true }),
    minOutput: numberOption("--min-output", given["min-output"], { least: 1, whole: true }),
  };
  const channels = listOption("--channels", given.channels);
  const options = {
    ...numbers,
    input: inputOption(given.input),
    strict: given["at-least"] ? false : undefined,
    measure: wordOption("--measure", given.measure, ["h", "w", "area", "each"]),
    layers: layersOption(given.layers),
    kernels: listOption("--kernels", given.kernels),
    strides: listOption("--strides", given.strides),
    channels: channels?.length === 1 ? channels[0] : channels,
    cost: wordOption("--cost", given.cost, ["valid", "same"]),
    coverage: wordOption("--coverage", given.coverage, ["none", "prefix", "final"]),
  };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DesignOptions;
}

function inputOption(text: string | undefined): DesignOptions["input"] {
  if (text === undefined) return undefined;
  const match = /^(\d+)x(\d+)$/.exec(text.trim());
  if (!match) throw new UsageError(`--input: got "${text}"; expected height x width, such as 32x32.`);
  return [Number(match[1]), Number(match[2])];
}

function layersOption(text: string | undefined): DesignOptions["layers"] {
  if (text === undefined) return undefined;
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text.trim());
  if (!match)
    throw new UsageError(`--layers: got "${text}"; expected a number of layers or a range such as 1..5.`);
  return [Number(match[1]), Number(match[2] ?? match[1])];
}

/** "3,5,7" or "1..7", or both mixed. */
function listOption(flag: string, text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  return text.split(",").flatMap((part) => {
    const match = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim());
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || to < from || to - from > 4096)
      throw new UsageError(`${flag}: got "${text}"; expected whole numbers such as 3,5,7 or 1..7.`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

function progressLine({ depth, deepest, states, best, lowerBound }: DesignProgress): string {
  const found = best === undefined ? "none yet" : `${formatInteger(best)} MACs`;
  const bound = Number.isFinite(lowerBound) ? `, at least ${formatInteger(lowerBound)}` : "";
  return `  depth ${depth} of ${deepest} · ${formatInteger(states)} states · best ${found}${bound}`;
}

function commandLine(): string {
  return ["sabok", ...process.argv.slice(2)].map(shellWord).join(" ");
}
