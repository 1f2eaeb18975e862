// The room's settings as they stand in the URL, turned into the library's question, or into what is wrong with them.
import { designDefaults, type Coverage, type DesignOptions, type Measure } from "sabok/analysis";

/** What the room keeps in the URL, at its defaults: the library's, but padded, as networks are, and with some channels. */
export const designUrlDefaults = {
  height: 32,
  width: 32,
  threshold: 0.5,
  strict: true,
  measure: "each",
  from: 1,
  to: 5,
  kernels: "3,5,7",
  dilation: 8,
  strides: "1",
  output: 8,
  channels: "16",
  cost: "same",
  coverage: "final",
  pick: "best",
} as const;

export type DesignSettings = {
  readonly [Key in keyof typeof designUrlDefaults]: string | number | boolean;
} & {
  readonly height: number;
  readonly width: number;
  readonly threshold: number;
  readonly strict: boolean;
  readonly measure: string;
  readonly from: number;
  readonly to: number;
  readonly kernels: string;
  readonly dilation: number;
  readonly strides: string;
  readonly output: number;
  readonly channels: string;
  readonly cost: string;
  readonly coverage: string;
};

/** The ranges of the sliders, ends included. */
export const ranges = {
  side: [8, 256],
  layers: [1, 12],
  dilation: [1, 32],
  output: [1, 64],
} as const;

export const kernelSizes = [1, 2, 3, 4, 5, 6, 7, 9, 11] as const;
export const strideSizes = [1, 2, 3, 4] as const;
export const measures = ["each", "h", "w", "area"] as const satisfies readonly Measure[];
export const coverages = ["final", "prefix", "none"] as const satisfies readonly Coverage[];

/** What is wrong with the settings: a word key and what it is about. */
export type Fault =
  | { readonly kind: "channelText"; readonly text: string }
  | { readonly kind: "channelCount"; readonly got: number; readonly expected: number }
  | { readonly kind: "noKernel" }
  | { readonly kind: "noStride" };

/** Whole numbers with commas between; undefined for any other text. */
export function readList(text: string): number[] | undefined {
  if (text.trim() === "") return [];
  const numbers = text
    .trim()
    .split(/\s*[,،]\s*|\s+/)
    .map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : NaN));
  return numbers.every((number) => number >= 1) ? numbers : undefined;
}

export const listText = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join(",");

/** A list with a number put in or taken out. */
export function toggled(text: string, number: number): string {
  const numbers = readList(text) ?? [];
  return listText(
    numbers.includes(number) ? numbers.filter((other) => other !== number) : [...numbers, number],
  );
}

const whole = (value: number, [least, most]: readonly [number, number]): number =>
  Math.min(most, Math.max(least, Math.round(value)));

function oneOf<const T extends string>(text: string, options: readonly T[], initial: T): T {
  return options.find((option) => option === text) ?? initial;
}

/** The library's question; numbers out of range are brought in, texts that are no lists are faults. */
export function optionsOf(
  settings: DesignSettings,
): { readonly options: DesignOptions } | { readonly fault: Fault } {
  const kernels = readList(settings.kernels);
  const strides = readList(settings.strides);
  const channels = readList(settings.channels);
  if (!kernels || kernels.length === 0) return { fault: { kind: "noKernel" } };
  if (!strides || strides.length === 0) return { fault: { kind: "noStride" } };
  if (!channels || channels.length === 0) return { fault: { kind: "channelText", text: settings.channels } };
  const from = whole(settings.from, ranges.layers);
  const to = Math.max(from, whole(settings.to, ranges.layers));
  if (channels.length > 1 && channels.length !== to + 1)
    return { fault: { kind: "channelCount", got: channels.length, expected: to + 1 } };
  return {
    options: {
      input: [whole(settings.height, ranges.side), whole(settings.width, ranges.side)],
      threshold: Math.min(1, Math.max(0, settings.threshold)),
      strict: settings.strict,
      measure: oneOf(settings.measure, measures, designDefaults.measure),
      layers: [from, to],
      kernels,
      maxDilation: whole(settings.dilation, ranges.dilation),
      strides,
      minOutput: whole(settings.output, ranges.output),
      channels: channels.length === 1 ? channels[0]! : channels,
      cost: oneOf(settings.cost, ["valid", "same"], designDefaults.cost),
      coverage: oneOf(settings.coverage, coverages, designDefaults.coverage),
    },
  };
}
