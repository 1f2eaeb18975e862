// ONNX's Einsum: every operand is laid out over all letters, the product summed over those the result does not name.
import { shapeOf, type Value } from "../graph/index.ts";
import { gather, matmul, mul, reshape, sum, transpose } from "../ops/index.ts";
import type { ImportSite } from "./importSite.ts";

export function importEinsum(site: ImportSite): Value {
  const [left = "", right] = site.string("equation", "").replaceAll(/\s/g, "").split("->");
  const terms = left.split(",");
  const values = site.values();
  if (terms.length !== values.length)
    site.refuse(`"${left}" is for ${terms.length} operands, it has ${values.length}`);
  const operands = terms.map((term, i) => withoutRepeats(site, values[i]!, letters(site, term, values[i]!)));
  const names = operands.map(({ axes }) => axes);
  const all = [...new Set(names.flat())];
  const given = right === undefined ? implicitResult(all, terms) : letters(site, right, undefined, all);
  const unknown = given.find((letter) => !all.includes(letter));
  if (unknown !== undefined) site.refuse(`"${right}" names ${unknown}, which no operand has`);
  const summed = all.filter((letter) => !given.includes(letter));
  const [a, b] = operands;
  if (operands.length === 2 && summed.length === 1 && [a!, b!].every(({ axes }) => axes.includes(summed[0]!)))
    return asProduct(site, a!, b!, summed[0]!, given);
  const order = [...given, ...summed];
  const laidOut = operands.map(({ value, axes }) => laidOver(site, value, axes, order));
  const product = laidOut.reduce((total, value) => site.apply(mul, [total, value]));
  if (summed.length === 0) return product;
  return site.apply(sum, [product], { axes: summed.map((_, i) => given.length + i) });
}

interface Labelled {
  readonly value: Value;
  readonly axes: readonly string[];
}

/** The letters of a term, an ellipsis written out as "…0", "…1", … counted from the last axis it stands for. */
function letters(
  site: ImportSite,
  term: string,
  value: Value | undefined,
  all: readonly string[] = [],
): string[] {
  const [before, after] = term.split("...");
  const named = (text: string): string[] => {
    if (/[^A-Za-z]/.test(text)) site.refuse(`its equation has the term "${term}"`);
    return text.split("");
  };
  if (after === undefined) {
    const list = named(before!);
    if (value && list.length !== shapeOf(value).length)
      site.refuse(`"${term}" does not fit an operand of shape [${shapeOf(value)}]`);
    return list;
  }
  const hidden = value
    ? shapeOf(value).length - before!.length - after.length
    : all.filter((letter) => letter.startsWith("…")).length;
  if (hidden < 0) site.refuse(`"${term}" does not fit an operand of shape [${shapeOf(value!)}]`);
  const rest = Array.from({ length: hidden }, (_, i) => `…${hidden - 1 - i}`);
  return [...named(before!), ...rest, ...named(after)];
}

/** Without an arrow the result has the ellipsis, then the letters that occur once, in alphabetical order. */
function implicitResult(all: readonly string[], terms: readonly string[]): string[] {
  const text = terms.join("");
  const hidden = all
    .filter((letter) => letter.startsWith("…"))
    .sort()
    .reverse();
  const once = all.filter((letter) => !letter.startsWith("…") && text.split(letter).length === 2);
  return [...hidden, ...once.sort()];
}

/** The diagonal of axes that bear the same letter. */
function withoutRepeats(site: ImportSite, value: Value, axes: readonly string[]): Labelled {
  const at = axes.findIndex((letter, i) => axes.indexOf(letter) !== i);
  if (at < 0) return { value, axes };
  const first = axes.indexOf(axes[at]!);
  const length = shapeOf(value)[first]!;
  const others = [...axes.keys()].filter((axis) => axis !== first && axis !== at);
  const moved = site.apply(transpose, [value], { permutation: [...others, first, at] });
  const kept = others.map((axis) => shapeOf(value)[axis]!);
  const flat = site.apply(reshape, [moved], { shape: [...kept, length * length] });
  const places = site.constant(
    [length],
    Array.from({ length }, (_, i) => i * (length + 1)),
  );
  const diagonal = site.apply(gather, [flat, places], { axis: kept.length });
  return withoutRepeats(site, diagonal, [...others.map((axis) => axes[axis]!), axes[first]!]);
}

/** A value transposed and reshaped so that its axes are those of `order`, 1 where it has none. */
function laidOver(site: ImportSite, value: Value, axes: readonly string[], order: readonly string[]): Value {
  const permutation = order.filter((letter) => axes.includes(letter)).map((letter) => axes.indexOf(letter));
  const isSorted = permutation.every((axis, i) => axis === i);
  const sorted = isSorted ? value : site.apply(transpose, [value], { permutation });
  const shape = order.map((letter) => (axes.includes(letter) ? shapeOf(value)[axes.indexOf(letter)]! : 1));
  return site.apply(reshape, [sorted], { shape });
}

/** Two operands that share one summed letter, as a product of matrices over the letters they share besides. */
function asProduct(
  site: ImportSite,
  a: Labelled,
  b: Labelled,
  summed: string,
  result: readonly string[],
): Value {
  const shared = result.filter((letter) => a.axes.includes(letter) && b.axes.includes(letter));
  const own = (operand: Labelled): string[] =>
    result.filter((letter) => operand.axes.includes(letter) && !shared.includes(letter));
  const [rows, columns] = [own(a), own(b)];
  const length = ({ value, axes }: Labelled, letter: string): number => shapeOf(value)[axes.indexOf(letter)]!;
  const count = (operand: Labelled, list: readonly string[]): number =>
    list.reduce((total, letter) => total * length(operand, letter), 1);
  const batchOf = (operand: Labelled): number[] => shared.map((letter) => length(operand, letter));
  const flat = (operand: Labelled, order: readonly string[], tail: readonly number[]): Value =>
    site.apply(reshape, [laidOver(site, operand.value, operand.axes, order)], {
      shape: [...batchOf(operand), ...tail],
    });
  const left = flat(a, [...shared, ...rows, summed], [count(a, rows), length(a, summed)]);
  const right = flat(b, [...shared, summed, ...columns], [length(b, summed), count(b, columns)]);
  const product = site.apply(matmul, [left, right]);
  const batch = shapeOf(product).slice(0, -2);
  const shape = [
    ...batch,
    ...rows.map((letter) => length(a, letter)),
    ...columns.map((letter) => length(b, letter)),
  ];
  return laidOver(site, site.apply(reshape, [product], { shape }), [...shared, ...rows, ...columns], result);
}
