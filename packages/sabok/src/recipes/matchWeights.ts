// Published weights against a network, key by key: what fits, what is missing, what is left over, what has another shape.
import { SabokError, formatShape, type Tensor } from "../core/index.ts";
import { isState, shapeOf, type Graph } from "../graph/index.ts";
import { models } from "../nn/models/index.ts";
import { headOf, statesOfHead } from "./headOf.ts";
import { namingOf, ownNames, type Naming } from "./publishedNames.ts";

/** How the keys of a weights file fit a network. */
export interface WeightMatch {
  readonly naming: Naming;
  /** Keys that fit, with the network's names, the head's left out. */
  readonly matched: ReadonlyMap<string, Tensor>;
  /** The layer that is swapped, and its shape in the file: "classifier.1 [1000,1280]". */
  readonly head: { readonly name: string; readonly was: readonly number[] | undefined };
  /** What the network has and the file has not. */
  readonly missing: readonly string[];
  /** What the file has and the network has not. */
  readonly unexpected: readonly string[];
  readonly wrongShape: readonly {
    readonly name: string;
    readonly got: readonly number[];
    readonly expected: readonly number[];
  }[];
}

/** Compares weights with the states of a network, whose head they need not fit. */
export function matchWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): WeightMatch {
  const own = ownNames(weights, graph);
  const head = headOf(graph);
  const swapped = new Set(head ? statesOfHead(head) : []);
  const matched = new Map<string, Tensor>();
  const missing: string[] = [];
  const wrongShape: { name: string; got: readonly number[]; expected: readonly number[] }[] = [];
  const states = graph.values.filter((value) => isState(value) && shapeOf(value).length > 0);
  for (const state of states) {
    const found = own.get(state.name);
    if (swapped.has(state.name)) continue;
    if (!found) missing.push(state.name);
    else if (found.shape.join() !== shapeOf(state).join())
      wrongShape.push({ name: state.name, got: found.shape, expected: shapeOf(state) });
    else matched.set(state.name, found);
  }
  const known = new Set(states.map(({ name }) => name));
  return {
    naming: namingOf(weights.keys()),
    matched,
    head: { name: head?.name ?? "", was: head && own.get(head.weight.name)?.shape },
    missing,
    unexpected: [...own.keys()].filter((name) => !known.has(name)),
    wrongShape,
  };
}

/** A line of what did not match. */
export interface Mismatch {
  readonly problem: "missing" | "unexpected" | "wrong shape";
  readonly name: string;
  /** The shapes, where they are what is wrong. */
  readonly detail: string;
}

/** Everything that did not match, as rows of a table. */
export function mismatches({ missing, unexpected, wrongShape }: WeightMatch): Mismatch[] {
  return [
    ...wrongShape.map(({ name, got, expected }) => ({
      problem: "wrong shape" as const,
      name,
      detail: `${formatShape(got)} in the file, ${formatShape(expected)} in the network`,
    })),
    ...missing.map((name) => ({ problem: "missing" as const, name, detail: "" })),
    ...unexpected.map((name) => ({ problem: "unexpected" as const, name, detail: "" })),
  ];
}

/** A model by name and width. */
export interface ModelGuess {
  readonly name: string;
  readonly width?: number;
  /** Of the model's keys but the head's, the share that the file has in the right shape. */
  readonly share: number;
}

/** The widths that weights are published for. */
const widths = [1, 0.75, 0.5, 0.35, 0.25, 1.1, 1.2, 1.4];

/** The model of the list whose keys weights fit best; undefined where they fit none by a half. */
export function guessModel(weights: ReadonlyMap<string, Tensor>): ModelGuess | undefined {
  let best: ModelGuess | undefined;
  for (const { name, hasWidth, build } of models) {
    const { graph } = build();
    if (nameShare(graph, weights) < 0.5) continue;
    for (const width of hasWidth ? widths : [1]) {
      const match = matchWeights(width === 1 ? graph : build({ width }).graph, weights);
      const all = match.matched.size + match.missing.length + match.wrongShape.length;
      const left = match.unexpected.length;
      const share = match.matched.size / (all + left);
      if (!best || share > best.share) best = { name, share, ...(width !== 1 && { width }) };
      if (share === 1) return best;
    }
  }
  return best && best.share >= 0.5 ? best : undefined;
}

/** The share of a network's names that weights have, whatever their shapes. */
function nameShare(graph: Graph, weights: ReadonlyMap<string, Tensor>): number {
  const { matched, wrongShape, missing } = matchWeights(graph, weights);
  return (matched.size + wrongShape.length) / (matched.size + wrongShape.length + missing.length);
}

/** Throws unless every key but the head's fits; the message has the first that do not, and the model they look like. */
export function expectMatch(
  match: WeightMatch,
  weights: ReadonlyMap<string, Tensor>,
  from: string,
  network: string,
): void {
  const rows = mismatches(match).filter(({ problem }) => problem !== "unexpected");
  if (rows.length === 0) return;
  const guess = guessModel(weights);
  const lines = rows
    .slice(0, listed)
    .map(({ problem, name, detail }) => `  ${problem}: ${name}${detail && ` (${detail})`}`);
  const more = rows.length > listed ? [`  … and ${rows.length - listed} more`] : [];
  const width = guess?.width === undefined ? "" : ` of width ${guess.width}`;
  const option =
    guess && `--model ${guess.name}${guess.width === undefined ? "" : ` --width ${guess.width}`}`;
  throw new SabokError(
    `${from}: its weights do not fit ${network}: ${match.matched.size} keys match, ${match.missing.length} are missing, ` +
      `${match.wrongShape.length} have another shape, ${match.unexpected.length} are unexpected:\n${[...lines, ...more].join("\n")}\n` +
      (guess
        ? `These look like the weights of ${guess.name}${width}; take ${option}.`
        : "They look like none of sabok's models (sabok models lists them)."),
  );
}

const listed = 8;
