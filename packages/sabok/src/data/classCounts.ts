// How many images each class has in each split, as numbers and as the table that is printed before training.
import type { Dataset, Split } from "./dataset.ts";

/** The number of images of each of `classes` classes in a split. */
export function classCounts(split: Split, classes: number): number[] {
  const counts = Array.from<number>({ length: classes }).fill(0);
  for (const index of split.indices) counts[split.images.labels[index]!]!++;
  return counts;
}

/** The table of class counts of the three splits as text; `most` is the largest number of classes listed one by one. */
export function formatClassCounts(dataset: Dataset, most = 30): string {
  const splits = [dataset.train, dataset.validation, dataset.test];
  const counts = splits.map((split) => classCounts(split, dataset.classes.length));
  const listed = dataset.classes.length > most ? dataset.classes.slice(0, most - 1) : dataset.classes;
  const rest = dataset.classes.length - listed.length;
  const rows = [
    ["class", "train", "validation", "test"],
    ...listed.map((name, c) => [name, ...counts.map((count) => format(count[c]!))]),
  ];
  if (rest > 0)
    rows.push([`… ${rest} more`, ...counts.map((count) => format(sum(count.slice(listed.length))))]);
  rows.push(["all", ...counts.map((count) => format(sum(count)))]);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  "),
    )
    .join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}
