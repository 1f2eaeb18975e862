// A scatter plot in characters: later marks stand over earlier ones.

export interface Mark {
  /** One character. */
  readonly symbol: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ScatterPlot {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly marks: readonly Mark[];
  /** Characters in all, with the labels. */
  readonly width: number;
  readonly height: number;
  readonly formatY: (value: number) => string;
}

/** The plot's lines; y begins at 0. */
export function scatterPlot({ xLabel, yLabel, marks, width, height, formatY }: ScatterPlot): string[] {
  const points = marks.flatMap((mark) => mark.points);
  const xs = points.map(([x]) => x);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const top = Math.max(...points.map(([, y]) => y));
  const labels = [formatY(top), formatY(top / 2), "0"];
  const margin = Math.max(...labels.map((label) => label.length));
  const columns = width - margin - 2;
  const place = (share: number, count: number): number =>
    Math.round((Number.isFinite(share) ? share : 0.5) * (count - 1));

  const grid = Array.from({ length: height }, () => Array.from({ length: columns }, () => " "));
  for (const { symbol, points: own } of marks)
    for (const [x, y] of own) {
      const row = height - 1 - place(y / top, height);
      grid[row]![place((x - left) / (right - left), columns)] = symbol;
    }
  const labelRows = new Map([
    [0, labels[0]!],
    [height - 1 - place(0.5, height), labels[1]!],
    [height - 1, labels[2]!],
  ]);
  const lines = grid.map((cells, row) => {
    const label = labelRows.get(row);
    return `${(label ?? "").padStart(margin)} ${label === undefined ? "│" : "┤"}${cells.join("")}`.trimEnd();
  });
  const single = left === right;
  const [from, to] = single ? ["", ""] : [String(left), String(right)];
  const middle = columns - from.length - to.length;
  const wanted = single ? `${xLabel} ${left}` : xLabel;
  const title = wanted.length + 2 <= middle ? wanted : "";
  const gap = middle - title.length;
  return [
    `${" ".repeat(margin + 2)}${yLabel}`,
    ...lines,
    `${" ".repeat(margin)} └${"─".repeat(columns)}`,
    `${" ".repeat(margin + 2)}${from}${" ".repeat(Math.floor(gap / 2))}${title}${" ".repeat(Math.ceil(gap / 2))}${to}`,
  ];
}
