// The one shape of every chapter: a question, an experiment with typed parameters, results, and a verdict. The CLI, the
// page, the Lab and the tests read nothing else.
import type { Tensor } from "../core/index.ts";
import type { Graph } from "../graph/index.ts";

/** A parameter a reader can change. Its type is the type of its default. */
export type Parameter =
  | {
      readonly kind: "number";
      readonly name: string;
      /** One phrase in each language. */
      readonly label: Text;
      readonly default: number;
      readonly least: number;
      readonly most: number;
      /** Only whole numbers. */
      readonly whole?: boolean;
    }
  | {
      readonly kind: "choice";
      readonly name: string;
      readonly label: Text;
      readonly default: string;
      readonly choices: readonly string[];
    }
  /** A list such as "3,1,1" or "3x1x1,3x2x1"; `parse` in the chapter refuses what does not fit, with an example. */
  | {
      readonly kind: "text";
      readonly name: string;
      readonly label: Text;
      readonly default: string;
      readonly example: string;
    };

export interface Text {
  readonly en: string;
  readonly fa: string;
}

export type ParameterValues = Readonly<Record<string, number | string>>;

/** A curve: equally long x and y. */
export interface Series {
  readonly name: Text;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Axis labels with units; series with the same `figure` share one plot. */
  readonly xLabel: Text;
  readonly yLabel: Text;
  readonly unit: string;
  readonly figure: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
}

/** A matrix shown as such: numbers, or symbols such as "w₁". */
export interface Matrix {
  readonly name: Text;
  readonly rows: readonly (readonly (number | string)[])[];
}

export interface Table {
  readonly title: Text;
  readonly columns: readonly Text[];
  /** A cell that is words differs by language. */
  readonly rows: readonly (readonly (number | string | Text)[])[];
}

/** A line of derivation or a symbolic result, as KaTeX source. */
export interface SymbolicRow {
  readonly label: Text;
  readonly tex: string;
}

export interface Verdict {
  readonly status: "holds" | "conditional" | "false";
  readonly text: Text;
}

export interface ChapterResult {
  /** Named values, for people and for tests: what a test vector names is here. */
  readonly results: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  readonly series: readonly Series[];
  readonly matrices: readonly Matrix[];
  readonly tables: readonly Table[];
  readonly symbolic: readonly SymbolicRow[];
  readonly verdict: Verdict;
}

export interface ChapterContext {
  /** Called now and then by experiments that take more than a second: a share from 0 to 1 and a phrase. */
  readonly onProgress?: (share: number, what: string) => void;
  readonly signal?: AbortSignal;
  /** The states of a trained network that belongs to the chapter, by file name (assets/study/<name>.safetensors). */
  readonly checkpoint?: (name: string) => Promise<ReadonlyMap<string, Tensor>>;
  /** A network of the reader's own, for a chapter that `takesModel`, which then examines it in the place of its own. */
  readonly model?: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Tensor> };
}

export interface Chapter {
  /** "1.3", as the problem set numbers its questions. */
  readonly id: string;
  readonly title: Text;
  /** The question in our words, one or two sentences. */
  readonly question: Text;
  /** What is commonly claimed, one sentence: the verdict is about this. */
  readonly claim: Text;
  /** The page's text as Markdown with formulas: the derivation, what to look at, what to try. */
  readonly text: Text;
  /** The verdict of a run with the defaults, for lists that run nothing. */
  readonly verdict: Verdict["status"];
  readonly parameters: readonly Parameter[];
  /** Whether `run` looks at the context's `model`. */
  readonly takesModel?: true;
  /** Runs the experiment. Throws SabokError for parameters out of range, with the range and an example. */
  run(values: ParameterValues, context?: ChapterContext): Promise<ChapterResult>;
}
