// Small maps whose numbers can be checked by hand.

/** The room's small maps, by name. */
export const mapNames = ["steps", "plane", "bent", "spot"] as const;
export type MapName = (typeof mapNames)[number];

const entries: Readonly<
  Record<MapName, (row: number, column: number, rows: number, columns: number) => number>
> = {
  // Bright on the right of a diagonal edge: what edge filters answer to.
  steps: (row, column, rows, columns) =>
    (column + 0.5) * rows + (row + 0.5) * columns > rows * columns ? 9 : 1,
  // What RoIAlign reads exactly, for it is linear.
  plane: (row, column) => 10 * row + column,
  bent: (row, column) => (row ** 2 + column ** 3) % 7,
  // One lit pixel: the answer is the kernel, turned round.
  spot: (row, column, rows, columns) => (row === rows >> 1 && column === columns >> 1 ? 1 : 0),
};

/** A map of small whole numbers, row by row. */
export function smallMap(name: MapName, rows: number, columns = rows): Float64Array {
  const entry = entries[name];
  return Float64Array.from({ length: rows * columns }, (_, at) =>
    entry(Math.floor(at / columns), at % columns, rows, columns),
  );
}
