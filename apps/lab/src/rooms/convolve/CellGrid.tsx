// A grid of numbers as cells: shaded by value, lit where linked, walked by the arrow keys. Every grid of the room is one, so
// that pointing works alike in all of them.
import { useRef, useState } from "preact/hooks";
import { pointerMoved } from "./pointerMoved.ts";

export interface CellGridProps {
  /** The grid's name for everyone who does not see it. */
  readonly label: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
  /** Edge of a cell in pixels. */
  readonly cell: number;
  /** Which colour lights it. */
  readonly kind: "x" | "w" | "y";
  /** What a cell is called: "x₂₃". */
  readonly nameOf: (at: number) => string;
  /** Written in the cells instead of the numbers. */
  readonly symbols?: boolean;
  /** Each cell has a hue of its own, which its entries in the matrix share. */
  readonly hued?: boolean;
  /** Empty places drawn around the map: zeros that are read, or results that are cut off. */
  readonly ring?: number;
  readonly lit: ReadonlySet<number>;
  /** The cell that is pointed at, of all the lit ones. */
  readonly chosen?: number | undefined;
  /** A window in cells, over the ring too. */
  readonly frame?: { readonly row: number; readonly column: number; readonly span: number } | undefined;
  readonly onPoint: (at: number | undefined) => void;
  readonly onPin: (at: number) => void;
}

export function CellGrid(props: CellGridProps) {
  const {
    label,
    rows,
    columns,
    values,
    cell,
    kind,
    nameOf,
    symbols,
    hued,
    ring = 0,
    lit,
    chosen,
    frame,
  } = props;
  const { onPoint, onPin } = props;
  const [focus, setFocus] = useState(0);
  const host = useRef<SVGSVGElement>(null);
  const over = useRef<number | undefined>(undefined);
  const largest = Math.max(1e-12, ...Array.from(values, Math.abs));
  const at = Math.min(focus, rows * columns - 1);
  const [width, height] = [(columns + 2 * ring) * cell, (rows + 2 * ring) * cell];

  const indexOf = (event: Event): number | undefined => {
    const found = (event.target as Element).closest("[data-at]")?.getAttribute("data-at");
    return found === null || found === undefined ? undefined : Number(found);
  };
  const go = (next: number): void => {
    setFocus(next);
    host.current?.querySelector<SVGElement>(`[data-at="${next}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = indexOf(event);
    if (from === undefined) return;
    const next = stepOf(event.key, from, rows, columns);
    if (next !== undefined) go(next);
    else if (event.key === "Enter" || event.key === " ") onPin(from);
    else return;
    event.preventDefault();
  };
  return (
    <svg
      ref={host}
      class={`cells ${kind} ${lit.size > 0 ? "linked" : ""}`}
      role="grid"
      aria-label={label}
      aria-rowcount={rows}
      aria-colcount={columns}
      direction="ltr"
      viewBox={`-1.5 -1.5 ${width + 3} ${height + 3}`}
      width={width + 3}
      height={height + 3}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => {
        if (!pointerMoved(event) || indexOf(event) === over.current) return;
        onPoint((over.current = indexOf(event)));
      }}
      onPointerLeave={() => onPoint((over.current = undefined))}
      onFocusIn={(event) => {
        const index = indexOf(event);
        if (index !== undefined) setFocus(index);
        if ((event.target as Element).matches(":focus-visible")) onPoint(index);
      }}
      onFocusOut={() => onPoint(undefined)}
      onClick={(event) => {
        const index = indexOf(event);
        if (index !== undefined) onPin(index);
      }}
    >
      {ring > 0 && <rect class="ring" x={0} y={0} width={width} height={height} rx={4} aria-hidden="true" />}
      {Array.from({ length: rows }, (_, row) => (
        <g role="row" key={row}>
          {Array.from({ length: columns }, (_, column) => {
            const index = row * columns + column;
            const value = values[index] ?? 0;
            const state = `${lit.has(index) ? "lit" : ""} ${chosen === index ? "chosen" : ""}`;
            return (
              <g
                key={column}
                role="gridcell"
                class={`cell ${state} ${value < 0 ? "negative" : ""}`}
                style={`--v:${(Math.abs(value) / largest).toFixed(3)}${hued ? `;--hue:${hueOf(index, rows * columns)}` : ""}`}
                data-at={index}
                tabindex={index === at ? 0 : -1}
                aria-selected={chosen === index}
                aria-label={`${nameOf(index)} = ${short(value)}`}
                transform={`translate(${(column + ring) * cell} ${(row + ring) * cell})`}
              >
                <rect
                  class={hued ? "hued" : undefined}
                  width={cell - 1}
                  height={cell - 1}
                  rx={Math.min(5, cell / 7)}
                />
                {cell >= 20 && (
                  <text
                    x={(cell - 1) / 2}
                    y={cell / 2}
                    font-size={textSize(cell, symbols ? nameOf(index) : short(value))}
                  >
                    {symbols ? nameOf(index) : short(value)}
                  </text>
                )}
              </g>
            );
          })}
        </g>
      ))}
      {frame && (
        <rect
          class="window"
          aria-hidden="true"
          x={(frame.column + ring) * cell - 1}
          y={(frame.row + ring) * cell - 1}
          width={frame.span * cell + 1}
          height={frame.span * cell + 1}
          rx={6}
        />
      )}
    </svg>
  );
}

/** Where an arrow key, Home or End leads; undefined for other keys. */
export function stepOf(key: string, from: number, rows: number, columns: number): number | undefined {
  const [row, column] = [Math.floor(from / columns), from % columns];
  switch (key) {
    case "ArrowLeft":
      return column > 0 ? from - 1 : from;
    case "ArrowRight":
      return column < columns - 1 ? from + 1 : from;
    case "ArrowUp":
      return row > 0 ? from - columns : from;
    case "ArrowDown":
      return row < rows - 1 ? from + columns : from;
    case "Home":
      return row * columns;
    case "End":
      return row * columns + columns - 1;
    default:
      return undefined;
  }
}

/** One hue a weight, in degrees. */
export const hueOf = (at: number, count: number): number => Math.round((360 * at) / Math.max(1, count));

/** A number in a cell: whole as it is, else three digits. */
export function short(value: number): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  const text = Math.abs(rounded) >= 1e5 ? rounded.toExponential(0) : String(rounded);
  return text.replace("-", "\u2212");
}

const textSize = (cell: number, text: string): number =>
  Math.min(cell * 0.4, (cell * 1.45) / Math.max(2, text.length));
