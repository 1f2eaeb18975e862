// The network a run trains: chosen by a budget, named, written out in blocks, or a member of the family.
import type { Dataset } from "../data/index.ts";
import { countMacs, countParameters } from "../analysis/index.ts";
import type { Network } from "../nn/index.ts";
import { blockStringNetwork, mobilenetFamily, namedNetwork } from "../nn/models/index.ts";
import { chooseNetwork } from "./chooseNetwork.ts";

/** What the user says about the network. */
export type NetworkChoice =
  | { readonly kind: "budget"; readonly macs: number }
  | { readonly kind: "model"; readonly name: string; readonly width?: number }
  | { readonly kind: "blocks"; readonly blocks: string; readonly width?: number }
  | { readonly kind: "family"; readonly width: number; readonly depth: number };

/** The network in words and numbers. */
export interface ChosenNetwork {
  readonly description: string;
  readonly parameters: number;
  readonly macs: number;
  /** The most multiply-accumulates it was allowed; absent where it was not chosen by a budget. */
  readonly budget?: number;
}
