// The products of a convolution as one matrix between two vectors: the operand lies above the columns, the result beside the
// rows, so that an entry, the number it multiplies and the sum it goes into stand in one line each.
import { useMemo, useRef, useState } from "preact/hooks";
import { useWidth } from "../../shared/useWidth.ts";
import { hueOf, short } from "./CellGrid.tsx";
import {
  axesOf,
  isProduct,
  litBy,
  pointedText,
  type Kind,
  type Pointed,
  type Product,
  type View,
} from "./links.ts";
import { pointerMoved } from "./pointerMoved.ts";

export interface MatrixViewProps {
  readonly label: string;
  readonly view: View;
  readonly products: readonly Product[];
  /** The products that are lit. */
  readonly litProducts: readonly Product[];
  readonly pointed: Pointed | undefined;
  /** How many numbers each kind has. */
  readonly counts: Readonly<Record<Kind, number>>;
  /** The numbers of the rows' vector, the columns' vector and the entries. */
  readonly values: Readonly<Record<Kind, ArrayLike<number>>>;
  readonly nameOf: (kind: Kind, at: number) => string;
  readonly symbols: boolean;
  readonly onPoint: (pointed: Pointed | undefined) => void;
  readonly onPin: (pointed: Pointed) => void;
}

const gap = 10;
/** A matrix is drawn no taller, in pixels, while its cells can still be told apart. */
const tallest = 1000;

export function MatrixView(props: MatrixViewProps) {
  const { label, view, products, litProducts, pointed, counts, values, nameOf, symbols, onPoint, onPin } =
    props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const host = useRef<SVGSVGElement>(null);
  const over = useRef<string | undefined>(undefined);
  const [focus, setFocus] = useState(0);
  const axes = axesOf[view];
  const [rows, columns] = [counts[axes.rows], counts[axes.columns]];
  const fitting = Math.min((width.value - gap - 6) / (columns + 1), tallest / (rows + 1));
  const cell = Math.max(8, Math.min(34, Math.floor(fitting)));
  const ordered = useMemo(
    () => products.toSorted((a, b) => a[axes.rows] - b[axes.rows] || a[axes.columns] - b[axes.columns]),
    [products, axes],
  );
  const byRow = useMemo(() => rowsOf(ordered, axes.rows), [ordered, axes]);
  const lit = useMemo(() => new Set(litProducts), [litProducts]);
  const kinds = litBy(litProducts);
  const largest = (kind: Kind): number => Math.max(1e-12, ...Array.from(values[kind], Math.abs));
  const [left, top] = [0, cell + gap];
  const at = Math.min(focus, Math.max(0, ordered.length - 1));

  const productOf = (event: Event): number | undefined => {
    const found = (event.target as Element).closest("[data-entry]")?.getAttribute("data-entry");
    return found === null || found === undefined ? undefined : Number(found);
  };
  const pointOf = (event: Event): Pointed | undefined => {
    const entry = productOf(event);
    if (entry !== undefined) return ordered[entry];
    const vector = (event.target as Element).closest("[data-kind]");
    if (!vector) return undefined;
    return { kind: vector.getAttribute("data-kind") as Kind, at: Number(vector.getAttribute("data-index")) };
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = productOf(event);
    if (from === undefined) return;
    const next = nextEntry(event.key, from, ordered, axes.rows, axes.columns);
    if (next !== undefined) {
      setFocus(next);
      host.current?.querySelector<SVGElement>(`[data-entry="${next}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") onPin(ordered[from]!);
    else return;
    event.preventDefault();
  };

  const vector = (kind: Kind, index: number, x: number, y: number) => {
    const value = values[kind][index] ?? 0;
    const name = nameOf(kind, index);
    return (
      <g
        key={`${kind}${index}`}
        class={`cell ${kind} ${kinds[kind].has(index) ? "lit" : ""} ${value < 0 ? "negative" : ""}`}
        style={`--v:${(Math.abs(value) / largest(kind)).toFixed(3)};--hue:${hueOf(index, counts.w)}`}
        data-kind={kind}
        data-index={index}
        transform={`translate(${x} ${y})`}
        aria-hidden="true"
      >
        <rect
          class={kind === "w" ? "hued" : undefined}
          width={cell - 1}
          height={cell - 1}
          rx={Math.min(4, cell / 6)}
        />
        {cell >= 20 && <Label cell={cell} text={symbols ? name : short(value)} />}
      </g>
    );
  };
  return (
    <div class="matrix-frame" ref={frame}>
      {width.value > 0 && (
        <svg
          ref={host}
          class={`cells matrix ${litProducts.length > 0 ? "linked" : ""}`}
          role="grid"
          aria-label={label}
          aria-rowcount={rows}
          aria-colcount={columns}
          direction="ltr"
          viewBox={`-2 -2 ${columns * cell + gap + cell + 4} ${top + rows * cell + 4}`}
          width={columns * cell + gap + cell + 4}
          height={top + rows * cell + 4}
          onKeyDown={onKeyDown}
          onPointerMove={(event) => {
            if (!pointerMoved(event)) return;
            const found = pointOf(event);
            const key = found && pointedText(found);
            if (key === over.current) return;
            over.current = key;
            onPoint(found);
          }}
          onPointerLeave={() => {
            over.current = undefined;
            onPoint(undefined);
          }}
          onFocusIn={(event) => {
            const index = productOf(event);
            if (index !== undefined) setFocus(index);
            if ((event.target as Element).matches(":focus-visible")) onPoint(pointOf(event));
          }}
          onFocusOut={() => onPoint(undefined)}
          onClick={(event) => {
            const found = pointOf(event);
            if (found) onPin(found);
          }}
        >
          <rect
            class="field-of-zeros"
            aria-hidden="true"
            x={left - 1}
            y={top - 1}
            width={columns * cell + 1}
            height={rows * cell + 1}
            rx={5}
          />
          {Array.from({ length: columns }, (_, column) =>
            vector(axes.columns, column, left + column * cell, 0),
          )}
          {[...byRow].map(([row, entries]) => (
            <g role="row" key={row} aria-rowindex={row + 1}>
              {entries.map(([index, product]) => {
                const value = values[axes.entries][product[axes.entries]] ?? 0;
                const name = nameOf(axes.entries, product[axes.entries]);
                const chosen = pointed !== undefined && isProduct(pointed) && same(pointed, product);
                return (
                  <g
                    key={index}
                    role="gridcell"
                    class={`cell ${axes.entries} ${lit.has(product) ? "lit" : ""} ${chosen ? "chosen" : ""} ${value < 0 ? "negative" : ""}`}
                    style={`--v:${(Math.abs(value) / largest(axes.entries)).toFixed(3)};--hue:${hueOf(product.w, counts.w)}`}
                    data-entry={index}
                    tabindex={index === at ? 0 : -1}
                    aria-colindex={product[axes.columns] + 1}
                    aria-selected={chosen}
                    aria-label={`${name} = ${short(value)}`}
                    transform={`translate(${left + product[axes.columns] * cell} ${top + row * cell})`}
                  >
                    <rect
                      class={axes.entries === "w" ? "hued" : undefined}
                      width={cell - 1}
                      height={cell - 1}
                      rx={Math.min(4, cell / 6)}
                    />
                    {cell >= 20 && <Label cell={cell} text={symbols ? name : short(value)} />}
                  </g>
                );
              })}
            </g>
          ))}
          {Array.from({ length: rows }, (_, row) =>
            vector(axes.rows, row, left + columns * cell + gap, top + row * cell),
          )}
        </svg>
      )}
    </div>
  );
}

function Label({ cell, text }: { readonly cell: number; readonly text: string }) {
  const size = Math.min(cell * 0.42, (cell * 1.45) / Math.max(2, text.length));
  return (
    <text x={(cell - 1) / 2} y={cell / 2} font-size={size}>
      {text}
    </text>
  );
}

/** The entries of each row, with their place in the order. */
function rowsOf(ordered: readonly Product[], kind: Kind): Map<number, (readonly [number, Product])[]> {
  const rows = new Map<number, (readonly [number, Product])[]>();
  for (const entry of ordered.entries()) {
    const row = entry[1][kind];
    rows.set(row, [...(rows.get(row) ?? []), entry]);
  }
  return rows;
}

const same = (a: Product, b: Product): boolean => a.y === b.y && a.w === b.w && a.x === b.x;

/** From an entry to the next one in its row, or to the nearest one in the next row that has any. */
export function nextEntry(
  key: string,
  from: number,
  ordered: readonly Product[],
  rows: Kind,
  columns: Kind,
): number | undefined {
  const here = ordered[from]!;
  const inRow = (index: number): boolean => ordered[index]?.[rows] === here[rows];
  if (key === "ArrowRight") return inRow(from + 1) ? from + 1 : from;
  if (key === "ArrowLeft") return inRow(from - 1) ? from - 1 : from;
  if (key === "Home") return ordered.findIndex((product) => product[rows] === here[rows]);
  if (key === "End") return ordered.findLastIndex((product) => product[rows] === here[rows]);
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const down = key === "ArrowDown";
  const beyond = ordered.filter((product) =>
    down ? product[rows] > here[rows] : product[rows] < here[rows],
  );
  if (beyond.length === 0) return from;
  const row = down ? beyond[0]![rows] : beyond.at(-1)![rows];
  const distance = (product: Product): number => Math.abs(product[columns] - here[columns]);
  const nearest = beyond
    .filter((product) => product[rows] === row)
    .reduce((best, product) => (distance(product) < distance(best) ? product : best));
  return ordered.indexOf(nearest);
}
