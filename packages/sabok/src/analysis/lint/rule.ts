// What a lint rule is, and what it may look at.
import type { Tensor } from "../../core/index.ts";
import type { Graph, Value } from "../../graph/index.ts";
import type { Fields } from "../receptiveField/fields.ts";

export type Severity = "error" | "warning" | "info";

/** One thing to look at in a network. */
export interface Finding {
  readonly rule: string;
  /** The layer: "features.3.conv.0". */
  readonly node: string;
  readonly severity: Severity;
  /** What was found and why it matters, with the formula. */
  readonly message: string;
  /** How much it matters here, in numbers. */
  readonly effect: string;
  /** What to do. */
  readonly fix: string;
}

/** How far fresh data lie from what a batch norm remembers, over its channels. */
export interface StatisticsShift {
  /** Root mean square of (fresh mean − running mean)/√running variance. */
  readonly shift: number;
  /** The geometric mean of fresh variance over running variance. */
  readonly ratio: number;
}

export interface LintContext {
  /** As it was given: the training form where there is one. */
  readonly graph: Graph;
  /** The inference form and what each of its values sees. */
  readonly fields: Fields;
  /** Readers of each value of the inference form. */
  readonly users: ReadonlyMap<Value, readonly Value[]>;
  /** Trained weights. Rules about numbers are silent without them. */
  readonly weights: ReadonlyMap<string, Tensor> | undefined;
  /** Images of a training batch. */
  readonly batch: number;
  /** Pixels of the objects to be recognised. */
  readonly object: number | undefined;
  /** By batch norm, measured on fresh data. */
  readonly shifts: ReadonlyMap<string, StatisticsShift> | undefined;
}

export interface Rule {
  readonly name: string;
  /** One sentence: what it looks for. */
  readonly doc: string;
  check(context: LintContext): Iterable<Omit<Finding, "rule">>;
}
