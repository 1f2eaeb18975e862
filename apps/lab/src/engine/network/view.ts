// A network as the page sees it: plain data that travels from the worker.
import type { Shape } from "sabok";
import type { Finding, ReceptiveField } from "sabok/analysis";
import type { BlockList } from "./blocks.ts";

export type FieldView = Pick<ReceptiveField, "size" | "local" | "stride" | "offset" | "relative">;

/** A layer's numbers, for one image. */
export interface LayerView {
  readonly input: Shape;
  readonly output: Shape;
  readonly weight: { readonly name: string; readonly shape: Shape } | undefined;
  /** "3×3". */
  readonly kernel: string | undefined;
  readonly stride: string | undefined;
  readonly dilation: string | undefined;
  readonly groups: number | undefined;
  readonly params: number;
  readonly macs: number;
  /** Of the network's MACs. */
  readonly share: number;
  readonly field: FieldView | undefined;
}

export interface NodeView {
  readonly id: string;
  readonly kind: "input" | "layer" | "join" | "output";
  readonly name: string;
  /** "depthwise 3x3 /2, batch norm, relu6"; of a join its sign. */
  readonly op: string;
  readonly output: string;
  /** The scope of the block it stands in. */
  readonly block: string | undefined;
  readonly layer?: LayerView;
}

export interface NetworkView {
  readonly key: string;
  /** [C,H,W]. */
  readonly input: Shape;
  readonly inputName: string;
  readonly params: number;
  readonly macs: number;
  /** Whether its weights come from a file. */
  readonly trained: boolean;
  /** Of the last map. */
  readonly field: FieldView | undefined;
  readonly nodes: readonly NodeView[];
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** Its blocks, where the notation can say the network. */
  readonly blocks: BlockList | undefined;
  readonly text: string | undefined;
}

/** What takes longer: the lint and the memory. */
export interface InspectionView {
  readonly key: string;
  readonly lint: readonly Finding[];
  /** Bytes of activations for one image, and of a training step of 32; null where there is none. */
  readonly inference: number;
  readonly training: number | null;
}

/** "3×3". */
export function shapeText(shape: readonly number[]): string {
  return shape.join("×");
}
