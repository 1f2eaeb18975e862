// What the reader chooses for a run: defaults, what it asks of the engine, the command that does the same, and how two runs
// differ.
import type { ImageSource } from "../../engine/jobs/trainImages.ts";
import type { TrainRequest } from "../../engine/jobs/train.ts";

/** As they stand in the URL. */
export const defaultSettings = {
  /** "fashion-mnist", or "dropped". */
  data: "fashion-mnist",
  /** What was dropped: its name, to ask for it again. */
  dropped: "",
  /** Side of dropped images, in pixels. */
  size: 32,
  /** "budget" or "blocks". */
  network: "budget",
  /** The budget: multiply-accumulates. */
  macs: 1_000_000,
  blocks: "ds_r1_k3_s1_c16 ir_r2_k3_s2_e4_c24_se0.25 ir_r2_k5_s2_e4_c40_se0.25",
  optimizer: "adamw",
  /** The peak learning rate; 0 takes the optimiser's own. */
  rate: 0,
  batch: 64,
  epochs: 4,
  seed: 1,
  /** 0 takes as many as leave the page one core. */
  threads: 0,
} as const;

export interface Settings {
  readonly data: string;
  readonly dropped: string;
  readonly size: number;
  readonly network: string;
  readonly macs: number;
  readonly blocks: string;
  readonly optimizer: string;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
  readonly threads: number;
}

export type SettingName = keyof Settings;

/** Bounds of the numbers; what the URL holds is brought within them. */
export const bounds = {
  size: [8, 128],
  macs: [1e5, 1e8],
  rate: [1e-5, 1],
  batch: [2, 512],
  epochs: [1, 200],
  seed: [0, 999_999],
} as const;

/** The recipe's own peak: AdamW's grows with the root of the batch, SGD's in proportion. As sabok/recipes has it. */
export function usualRate(optimizer: string, batch: number): number {
  const ratio = batch / 64;
  return Number((optimizer === "sgd" ? 0.1 * ratio : 4e-3 * Math.sqrt(ratio)).toPrecision(3));
}

/** The peak a run begins with. */
export function rateOf({ rate, optimizer, batch }: Settings): number {
  return rate > 0 ? rate : usualRate(optimizer, batch);
}

/** Two digits: 3 → 1000, 3.3 → 2000. Sliders of counts and rates move along the logarithm. */
export function fromLogarithm(exponent: number): number {
  return Number((10 ** exponent).toPrecision(2));
}

/** Settings with every number in its bounds and whole where it must be. */
export function bounded(settings: Settings): Settings {
  const within = (name: keyof typeof bounds, whole = true): number => {
    const [least, greatest] = bounds[name];
    const value = Math.min(greatest, Math.max(least, settings[name]));
    return whole ? Math.round(value) : value;
  };
  return {
    ...settings,
    size: within("size"),
    macs: within("macs"),
    rate: settings.rate > 0 ? within("rate", false) : 0,
    batch: within("batch"),
    epochs: within("epochs"),
    seed: within("seed"),
    network: settings.network === "blocks" ? "blocks" : "budget",
    optimizer: settings.optimizer === "sgd" ? "sgd" : "adamw",
    data: settings.data === "dropped" ? "dropped" : "fashion-mnist",
    threads: Math.max(0, Math.round(settings.threads)),
  };
}

export function requestOf(
  settings: Settings,
  {
    run,
    source,
    threads,
    held,
  }: { readonly run: string; readonly source: ImageSource; readonly threads: number; readonly held: boolean },
): TrainRequest {
  const { network, macs, blocks, optimizer, batch, epochs, seed } = settings;
  return {
    run,
    source,
    network: network === "blocks" ? { kind: "blocks", blocks: blocks.trim() } : { kind: "budget", macs },
    training: {
      optimizer: optimizer === "sgd" ? "sgd" : "adamw",
      learningRate: rateOf(settings),
      batch,
      epochs,
      seed,
    },
    threads,
    held,
    command: commandOf(settings),
  };
}

/** The command that trains the same network on the same images. */
export function commandOf(settings: Settings): string {
  const { data, dropped, size, network, macs, blocks, optimizer, batch, epochs, seed } = settings;
  const own = data === "dropped";
  return [
    "sabok fit",
    own ? dropped || "<folder>" : data,
    network === "blocks" ? `--blocks "${blocks.trim()}"` : `--budget ${macs}`,
    `--optimizer ${optimizer} --lr ${rateOf(settings)} --batch ${batch} --epochs ${epochs} --seed ${seed}`,
    ...(own ? [`--size ${size}`] : []),
  ].join(" ");
}

/** The settings in which two runs differ, with both values. What the network's kind makes idle is left out. */
export function differences(
  a: Settings,
  b: Settings,
): { readonly name: SettingName; readonly values: readonly [string | number, string | number] }[] {
  const used = (settings: Settings, name: SettingName): string | number => {
    if (name === "macs" && settings.network !== "budget") return "";
    if (name === "blocks" && settings.network !== "blocks") return "";
    if ((name === "size" || name === "dropped") && settings.data !== "dropped") return "";
    return name === "rate" ? rateOf(settings) : settings[name];
  };
  return (Object.keys(defaultSettings) as SettingName[])
    .map((name) => ({ name, values: [used(a, name), used(b, name)] as const }))
    .filter(({ values: [first, second] }) => first !== second);
}
