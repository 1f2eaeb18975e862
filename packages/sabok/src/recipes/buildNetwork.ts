// The network a run trains: chosen by a budget, named, written out in blocks, or a member of the family.
import type { Dataset } from "../data/index.ts";
import { countMacs, countParameters } from "../analysis/index.ts";
import type { Network } from "../nn/index.ts";
import {
  blockStringNetwork,
  mobilenetFamily,
  models,
  namedNetwork,
  parseBlockString,
} from "../nn/models/index.ts";
import { chooseNetwork } from "./chooseNetwork.ts";

/** What the user says about the network. */
export type NetworkChoice =
  | { readonly kind: "budget"; readonly macs: number }
  | { readonly kind: "model"; readonly name: string; readonly width?: number; readonly dropout?: number }
  | { readonly kind: "blocks"; readonly blocks: string; readonly width?: number; readonly dropout?: number }
  | { readonly kind: "family"; readonly width?: number; readonly depth?: number };

/** The network in words and numbers. */
export interface ChosenNetwork {
  readonly description: string;
  readonly parameters: number;
  readonly macs: number;
  /** The most multiply-accumulates it was allowed; absent where it was not chosen by a budget. */
  readonly budget?: number;
}

/**
 * The network for a data set's images and classes, its first weights drawn by the seed, strides fitted to the image
 * size. Throws a SabokError for a budget below the smallest network, an unknown model, and, pointing at the character,
 * for a block string that does not parse.
 */
export function buildNetwork(
  choice: NetworkChoice,
  { classes, channels, height, width }: Dataset,
  seed: number,
): { network: Network; chosen: ChosenNetwork } {
  const options = { classes: classes.length, input: [channels, height, width] as const, seed };
  if (choice.kind === "budget") {
    const { network, ...found } = chooseNetwork({ ...options, budget: choice.macs });
    return { network, chosen: { ...costOf(network, familyName(found)), budget: choice.macs } };
  }
  const network = givenNetwork(choice, options);
  return { network, chosen: costOf(network, describe(choice)) };
}

/** Throws, before any image is read, where a choice is wrong for every data set: no such model, a block string that does not parse. */
export function checkNetworkChoice(choice: NetworkChoice): void {
  if (choice.kind === "blocks") parseBlockString(choice.blocks);
  if (choice.kind === "model") givenNetwork(choice, { classes: 2, input: [3, 224, 224], seed: 0 });
}

/** A model of the list at the size it was published for. */
export interface ListedModel {
  readonly name: string;
  /** One sentence, with the paper. */
  readonly doc: string;
  /** [channels, height, width]. */
  readonly input: readonly [number, number, number];
  readonly parameters: number;
  readonly macs: number;
}

/** Every model that can be named, with its cost for 1000 classes. */
export function listModels(): ListedModel[] {
  return models.map(({ name, doc, input, build }) => {
    const { graph } = build();
    return { name, doc, input, parameters: countParameters(graph), macs: countMacs(graph) };
  });
}

type Given = Exclude<NetworkChoice, { kind: "budget" }>;
type Options = {
  readonly classes: number;
  readonly input: readonly [number, number, number];
  readonly seed: number;
};

function givenNetwork(choice: Given, options: Options): Network {
  const width = choice.width === undefined ? {} : { width: choice.width };
  const dropout = "dropout" in choice && choice.dropout !== undefined ? { dropout: choice.dropout } : {};
  const fitted = { ...options, ...width, ...dropout, strides: "fitted" } as const;
  switch (choice.kind) {
    case "model":
      return namedNetwork(choice.name, fitted);
    case "blocks":
      return blockStringNetwork(choice.blocks, { ...options, ...width, ...dropout });
    case "family":
      return mobilenetFamily({
        ...options,
        ...width,
        ...(choice.depth !== undefined && { depth: choice.depth }),
      });
  }
}

/** What a network costs, with its description. */
export function costOf({ graph }: Pick<Network, "graph">, description: string): ChosenNetwork {
  return { description, parameters: countParameters(graph), macs: countMacs(graph) };
}

/** A choice in words. */
export function describe(choice: Given): string {
  if (choice.kind === "family") return familyName({ width: choice.width ?? 1, depth: choice.depth ?? 1 });
  const width = choice.width === undefined ? "" : `, width ${choice.width}`;
  return `${choice.kind === "model" ? choice.name : `blocks "${choice.blocks}"`}${width}`;
}

function familyName({ width, depth }: { readonly width: number; readonly depth: number }): string {
  return `MobileNetV3-style network of width ${round(width)} and depth ${round(depth)}`;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
