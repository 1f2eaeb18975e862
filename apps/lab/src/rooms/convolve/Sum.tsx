// The number that is pointed at, written out as the sum it is, in symbols and in numbers.
import { Fragment } from "preact";
import { useNumbers, useWords } from "../../shared/words.ts";
import { short } from "./CellGrid.tsx";
import { axesOf, isProduct, type Kind, type Pointed, type Product, type View } from "./links.ts";
import { convolveWords } from "./words.ts";

export interface SumProps {
  readonly view: View;
  /** The products that are lit. */
  readonly products: readonly Product[];
  readonly pointed: Pointed | undefined;
  readonly values: Readonly<Record<Kind, ArrayLike<number>>>;
  readonly nameOf: (kind: Kind, at: number) => string;
  readonly symbols: boolean;
}

/** Longer sums are cut in the middle. */
const mostTerms = 25;

export function Sum({ view, products, pointed, values, nameOf, symbols }: SumProps) {
  const words = useWords(convolveWords);
  const { integer } = useNumbers();
  const { rows: sum, columns, entries } = axesOf[view];
  if (!pointed) return <p class="sum muted">{words.pointHint}</p>;
  const of = isProduct(pointed) ? pointed[sum] : pointed.kind === sum ? pointed.at : undefined;
  if (of === undefined) {
    const { kind, at } = pointed as { kind: Kind; at: number };
    const results = new Set(products.map((product) => product[sum])).size;
    return (
      <p class="sum" aria-live="polite">
        {words.usedBy(nameOf(kind, at), results, integer(results))}
      </p>
    );
  }
  const shown = products.slice(0, mostTerms);
  return (
    <p class="sum formula-line" dir="ltr" aria-live="polite">
      <b class={sum}>{nameOf(sum, of)}</b> = {shown.length === 0 && "0"}
      {shown.map((product, i) => (
        <Fragment key={i}>
          {i > 0 && " + "}
          <span class="term">
            <Factor kind={entries} product={product} values={values} nameOf={nameOf} symbols={symbols} />·
            <Factor kind={columns} product={product} values={values} nameOf={nameOf} symbols={symbols} />
          </span>
        </Fragment>
      ))}
      {products.length > mostTerms && " + …"}
      {!isProduct(pointed) && (
        <>
          {" = "}
          <b>{short(values[sum][of] ?? 0)}</b>
        </>
      )}
      {isProduct(pointed) && " + …"}
    </p>
  );
}

function Factor({
  kind,
  product,
  values,
  nameOf,
  symbols,
}: Pick<SumProps, "values" | "nameOf" | "symbols"> & { readonly kind: Kind; readonly product: Product }) {
  const value = values[kind][product[kind]] ?? 0;
  const text = symbols ? nameOf(kind, product[kind]) : short(value);
  return <span class={kind}>{!symbols && value < 0 ? `(${text})` : text}</span>;
}
