// The figures of a receptive field: size, stride, offset, padding, share of the input, and how much of it is really read.
import { SabokError, nearestNames } from "../../core/index.ts";
import { isLeaf, shapeOf, type Pair, type Value } from "../../graph/index.ts";
import { setAt, strideOf, type AxisField } from "./axisField.ts";
import { fieldsOf, localTerms, type Fields, type Seen } from "./fields.ts";
import { countBits, emptySet, union, type OffsetSet } from "./offsets.ts";

/** What one output of a layer sees, in input pixels, as [vertical, horizontal]. */
export interface ReceptiveField {
  /**
   * From the first pixel seen to the last, on an unbounded input: the most any output sees. "global": every output sees
   * the whole map. An axis that alone is global counts as long as the input.
   */
  readonly size: Pair | "global";
  /** The size with gates over the whole map (squeeze-and-excitation) set aside. Null behind a global pooling. */
  readonly local: Pair | null;
  /** From the field of one output to that of the next; below 1 after upsampling. Null behind a global pooling. */
  readonly stride: Pair | null;
  /** The first input pixel that output (0,0) sees; negative where it sees padding. Its centre is offset + (size − 1)/2. */
  readonly offset: Pair | null;
  /** How far the outputs' fields reach out of the input: [top, left, bottom, right]. */
  readonly padding: readonly [number, number, number, number] | null;
  /**
   * Relative to the input. h and w: the size over the input's height and width, R/H and R/W, above 1 where the field is
   * larger than the image; 1 where it is global. area: the share of the image's area that lies within the field of an
   * output in its middle, min(R,H)·min(R,W)/(HW), so at most 1.
   */
  readonly relative: { readonly h: number; readonly w: number; readonly area: number };
}

/** How many pixels of its field an output really reads. */
export interface Coverage {
  readonly pixels: number;
  /** Pixels over the field's area: 1 where there are no holes. */
  readonly share: number;
  /** Whether some pixels between the first and the last are never read. */
  readonly gridding: boolean;
}

/** The figures of a value. Throws SabokError where they could not be followed, or where it does not see the image. */
export function receptiveFieldOf(fields: Fields, value: Value): ReceptiveField {
  const seen = seenBy(fields, value);
  const [, , height, width] = shapeOf(fields.image) as [number, number, number, number];
  const input: Pair = [height, width];
  const local = localTerms(seen);
  const along =
    local.length > 0
      ? ([0, 1] as const).map((k) =>
          axisFigures(
            local.map((term) => term[k]),
            shapeOf(value)[seen.axes[k]]!,
            input[k],
          ),
        )
      : null;
  const isAll = ([0, 1] as const).map(
    (k) => seen.terms.length === 0 || seen.terms.some((term) => term[k] === "all"),
  );
  // An axis may be bounded in every term although none is bounded in both.
  const lengthOf = (k: 0 | 1): number => {
    const terms = seen.terms.flatMap((term) => (term[k] === "all" ? [] : [term[k]]));
    return isAll[k] ? input[k] : axisFigures(terms, 1, input[k]).size;
  };
  const size: Pair = [lengthOf(0), lengthOf(1)];
  const pair = <T>(pick: (figures: AxisFigures) => T): readonly [T, T] | null =>
    along && [pick(along[0]!), pick(along[1]!)];
  const [h, w] = [size[0] / height, size[1] / width];
  return {
    size: isAll[0] && isAll[1] ? "global" : size,
    local: pair(({ size }) => size),
    stride: pair(({ stride }) => stride),
    offset: pair(({ offset }) => offset),
    padding: along && [along[0]!.before, along[1]!.before, along[0]!.after, along[1]!.after],
    relative: { h, w, area: Math.min(1, h) * Math.min(1, w) },
  };
}

/**
 * The pixels that can reach one output, exactly: gates over the whole map are set aside. Where outputs differ (behind
 * upsampling) the output that reads the smallest share counts. Null behind a global pooling.
 */
export function coverageOf(fields: Fields, value: Value): Coverage | null {
  const terms = localTerms(seenBy(fields, value));
  if (terms.length === 0) return null;
  const periods = ([0, 1] as const).map((k) => Math.min(terms[0]![k].period, mostPhases));
  let worst: Coverage | undefined;
  for (let p = 0; p < periods[0]!; p++)
    for (let q = 0; q < periods[1]!; q++) {
      const found = coverageAt(
        terms.map(([vertical, horizontal]) => [setAt(vertical, p), setAt(horizontal, q)]),
      );
      if (found && (!worst || found.share < worst.share)) worst = found;
    }
  return worst ?? null;
}

/** So many phases of an upsampled map are looked at along an axis. */
const mostPhases = 8;

/** The last map before it is pooled, flattened or otherwise loses its places: the one a network's own figure is of. */
export function lastMap(fields: Fields): Value {
  const last = [...fields.seen].findLast(
    ([value, { axes, terms }]) =>
      !isLeaf(value) && !axes.includes(-1) && terms.some((term) => term[0] !== "all" || term[1] !== "all"),
  );
  return last ? last[0] : fields.image;
}

/** The value a user means by a layer's name: the last of that name, or of that scope. */
export function valueNamed(fields: Fields, name: string): Value {
  const values = [...fields.seen.keys()].filter((value) => !isLeaf(value));
  const found =
    values.findLast((value) => value.name === name) ??
    values.findLast((value) => value.name.startsWith(`${name}.`));
  if (found) return found;
  const names = [...new Set(values.map((value) => value.name))];
  const near = nearestNames(name, names);
  throw new SabokError(
    `There is no layer "${name}". ${near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `Layers are named as ${names.slice(0, 3).join(", ")} …`}`,
  );
}

/** The receptive field of a graph's last map, or of the layer named `at`. */
export function receptiveField(
  graph: Parameters<typeof fieldsOf>[0],
  { at, input }: { readonly at?: string; readonly input?: string } = {},
): ReceptiveField {
  const fields = fieldsOf(graph, input === undefined ? {} : { input });
  return receptiveFieldOf(fields, at === undefined ? lastMap(fields) : valueNamed(fields, at));
}

function seenBy(fields: Fields, value: Value): Seen {
  const seen = fields.seen.get(value);
  if (!seen)
    throw new SabokError(
      `"${value.name}" does not depend on the input "${fields.image.name}", so it sees nothing of it.`,
    );
  if (seen.unknown !== undefined)
    throw new SabokError(`The receptive field of "${value.name}" is not known: ${seen.unknown}.`);
  return seen;
}

interface AxisFigures {
  readonly size: number;
  readonly stride: number;
  readonly offset: number;
  readonly before: number;
  readonly after: number;
}

function axisFigures(fields: readonly AxisField[], length: number, input: number): AxisFigures {
  const period = fields[0]!.period;
  const whole = (position: number): OffsetSet =>
    fields.reduce((all: OffsetSet, field) => union(all, setAt(field, position)), emptySet);
  const phases = Array.from({ length: period }, (_, p) => whole(p));
  const [first, last] = [whole(0), whole(length - 1)];
  return {
    size: Math.max(...phases.map((set) => set.length)),
    stride: strideOf(fields[0]!),
    offset: first.low,
    before: Math.max(0, -first.low),
    after: Math.max(0, last.low + last.length - input),
  };
}

/** Of a union of products: row by row, the union of the columns of the products that have the row. */
function coverageAt(products: readonly (readonly [OffsetSet, OffsetSet])[]): Coverage | undefined {
  const hull = ([0, 1] as const).map((k) =>
    products.reduce((all: OffsetSet, product) => union(all, product[k]), emptySet),
  );
  const [rows, columns] = hull as [OffsetSet, OffsetSet];
  if (rows.length === 0 || columns.length === 0) return undefined;
  let pixels = 0;
  if (products.length === 1) pixels = countBits(rows.bits) * countBits(columns.bits);
  else
    for (let row = rows.low; row < rows.low + rows.length; row++) {
      const read = products.filter(
        ([own]) => row >= own.low && ((own.bits >> BigInt(row - own.low)) & 1n) === 1n,
      );
      pixels += countBits(read.reduce((all: OffsetSet, [, own]) => union(all, own), emptySet).bits);
    }
  const share = pixels / (rows.length * columns.length);
  return { pixels, share, gridding: hull.some((set) => countBits(set.bits) < set.length) };
}
