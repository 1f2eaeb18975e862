// Plain aligned tables: no frame, two spaces between columns, numbers to the right.
import Table from "cli-table3";
import type { Terminal } from "./terminal.ts";

const noFrame = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) =>
      side === "mid"
        ? ["mid", "left-mid", "mid-mid", "right-mid"]
        : [side, `${side}-mid`, `${side}-left`, `${side}-right`],
    )
    .concat("middle")
    .map((part) => [part, ""]),
);

/** The table's lines. The first `leftColumns` columns are words, the others numbers. */
export function formatTable(
  { colors }: Pick<Terminal, "colors">,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns = 1,
): string {
  const table = new Table({
    head: head.map((cell) => colors.dim(cell)),
    chars: noFrame,
    colAligns: head.map((_, column) => (column < leftColumns ? "left" : "right")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
