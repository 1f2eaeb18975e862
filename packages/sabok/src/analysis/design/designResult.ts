// What the solver answers: plain data.
import type { DesignProblem, RelativeField } from "./problem.ts";
import type { DepthLaw, RelaxedOptimum } from "./relaxation.ts";
import type { ConvolutionLayer, Extent, HybridDilation } from "./stack.ts";

/** A stack with what it costs and sees. */
export interface Design {
  readonly layers: readonly ConvolutionLayer[];
  readonly macs: number;
  /** The side of the square of input pixels that one output can see. */
  readonly receptiveField: number;
  /** Height and width of each layer's output. */
  readonly outputs: readonly Extent[];
}

/** No stack of a depth: proved where `infeasible`, else the search was stopped before it knew. */
export interface NoDesign {
  readonly infeasible: boolean;
  readonly reason: string;
}

/** What has been proved. Complete: the optimum is the lower bound. */
export interface DesignProof {
  readonly complete: boolean;
  /** States kept: distinct pairs of (coverage so far, jump) at a depth. */
  readonly states: number;
  /** Layers tried on them. */
  readonly transitions: number;
  /** No stack that is asked for costs less; null: there is none. */
  readonly lowerBound: number | null;
  /** The cheapest found; null: none was. */
  readonly optimum: number | null;
  /** Every depth up to this one is answered exactly. */
  readonly provedDepth: number;
}

/** How the problem without coverage and without a least output degenerates: the optimum for each depth from 1. */
export interface Degenerate {
  /** Any kernel size: one kernel of 2 sees it all, the other layers are 1x1. */
  readonly anyKernel: readonly (Design | NoDesign)[];
  /** The kernel sizes asked for. */
  readonly givenKernels: readonly (Design | NoDesign)[];
}

/** The optimum beside the condition of the relaxed problem: equal MACs in every layer. */
export interface Optimality {
  /** MACs of each layer. */
  readonly layerMacs: readonly number[];
  /** The costliest layer over the cheapest; 1 would be the condition itself. */
  readonly spread: number;
  /** The relaxed optimum for the optimum's own maps and the least receptive field that is enough. */
  readonly relaxed: RelaxedOptimum;
  /** The optimum's MACs over the relaxed ones. */
  readonly overRelaxed: number;
  readonly depthLaw: DepthLaw;
}

/** What an output of the optimum sees. */
export interface SeenField {
  readonly relative: RelativeField;
  readonly holeFree: boolean;
  /** Input pixels that one output reads, along an axis. */
  readonly pixels: number;
  /** Those as a share of the receptive field: along an axis and of the area. */
  readonly coverage: { readonly axis: number; readonly area: number };
  readonly effectiveStd: number;
  /** The rule of hybrid dilated convolution, where it applies. */
  readonly hybridDilation: HybridDilation | null;
}

/** One point of the curve behind the frontier. */
export interface FieldCost {
  readonly receptiveField: number;
  readonly macs: number;
  readonly layers: number;
}

export interface DesignResult {
  readonly feasible: boolean;
  /** Why not. */
  readonly reason?: string;
  readonly best: Design | null;
  /** For each depth asked for, from the least. */
  readonly perDepth: readonly (Design | NoDesign)[];
  /** All stacks that no other beats in both MACs and receptive field, whatever the threshold; by rising receptive field. */
  readonly frontier: readonly Design[];
  readonly problem: DesignProblem;
  /** The least receptive field that is enough; null where none is. */
  readonly leastReceptiveField: number | null;
  readonly proof: DesignProof;
  readonly degenerate: Degenerate;
  readonly seen: SeenField | null;
  readonly optimality: Optimality | null;
  /** The fewest MACs for exactly each receptive field that a stack has; with padding, for at least the input's edge. */
  readonly cheapestByField: readonly FieldCost[];
}
