// Checks the formula against the gradient: on an input large enough for one output to see its whole field, the pixels with
// a gradient must be exactly the pixels the formula names.
import { shapeOf, type Pair, type Value } from "../../graph/index.ts";
import { setAt } from "./axisField.ts";
import { localTerms, type Fields } from "./fields.ts";
import { gradientMaps, spreadOf, type Backend, type GradientMap } from "./measure.ts";
import { positiveNetwork } from "./positiveNetwork.ts";
import { reachOf } from "./reach.ts";
import { localNetwork, sizedNetwork } from "./sizedNetwork.ts";

export interface Verification {
  /** Whether the gradient is nonzero exactly where the formula says, hole by hole. */
  readonly agrees: boolean;
  /** [H,W] of the input it was measured on. */
  readonly input: Pair;
  /** The place in the layer's map whose gradient was taken. */
  readonly place: Pair;
  /** Whether that output sees its whole field; if not, the formula was clipped at every map's border. */
  readonly interior: boolean;
  /** Rows and columns between the first and last pixel, by the formula and by the gradient. */
  readonly formula: Pair;
  readonly gradient: Pair;
  /** Pixels on which the two differ. */
  readonly differing: number;
  /** Whether gates over the whole map were left out, so that the field behind them shows. */
  readonly withoutGates: boolean;
  /**
   * The effective receptive field: the standard deviation of the gradient down and across, in input pixels, with every
   * kernel a plain mean (Luo et al., 2016). A field of size R holds some 95 % of its weight within 4 of these.
   */
  readonly effectiveStd: Pair;
}

export interface VerifyOptions {
  /** Default "wasm". */
  readonly backend?: Backend;
  /** Keep the graph's own input size even if no output sees its whole field on it. Default false. */
  readonly keepInput?: boolean;
  /** The place to measure; default: one that sees its whole field, nearest to the middle. */
  readonly place?: Pair;
}

/** Measures one value of a graph. The value is one of `fields.seen`. */
export async function verifyReceptiveField(
  fields: Fields,
  value: Value,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { backend = "wasm", place: at } = options;
  const keepsInput = options.keepInput === true || at !== undefined;
  const { graph, withoutGates } = localNetwork(fields, value);
  const sized = sizedNetwork(fields, value, graph, keepsInput);
  const place = at ?? sized.place ?? [0, 0];
  const measured = sized.fields.graph.outputs["map"]!;
  const { axes } = sized.fields.seen.get(measured)!;
  const [map] = await gradientMaps(positiveNetwork(sized.fields.image, measured), axes, [place], backend);
  const expected = expectedPixels(sized.fields, measured, place);
  const { differing, box } = compare(map!, expected.has);
  const [, , height, width] = shapeOf(sized.fields.image) as [number, number, number, number];
  const [top, left, bottom, right] = expected.box;
  return {
    agrees: differing === 0,
    input: [height, width],
    place,
    interior: expected.interior,
    formula: [bottom - top + 1, right - left + 1],
    gradient: box,
    differing,
    withoutGates,
    effectiveStd: spreadOf(map!),
  };
}

/** By the formula where the output sees its whole field; else what the clipped maps leave of it. */
function expectedPixels(fields: Fields, value: Value, place: Pair) {
  const reach = reachOf(fields, value, place);
  const terms = localTerms(fields.seen.get(value)!);
  if (!reach.interior || terms.length === 0) return reach;
  const sets = terms.map((term) => ([0, 1] as const).map((k) => setAt(term[k], place[k])));
  const low = [0, 1].map((k) => Math.min(...sets.map((pair) => pair[k]!.low)));
  const high = [0, 1].map((k) => Math.max(...sets.map((pair) => pair[k]!.low + pair[k]!.length - 1)));
  const has = (row: number, column: number): boolean =>
    sets.some((pair) =>
      [row, column].every((at, k) => {
        const { low: first, length, bits } = pair[k]!;
        return at >= first && at < first + length && ((bits >> BigInt(at - first)) & 1n) === 1n;
      }),
    );
  return { interior: true, has, box: [low[0]!, low[1]!, high[0]!, high[1]!] as const };
}

function compare({ height, width, data }: GradientMap, has: (row: number, column: number) => boolean) {
  let differing = 0;
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const reached = data[row * width + column]! > 0;
      if (reached !== has(row, column)) differing++;
      if (!reached) continue;
      [top, left, bottom, right] = [
        Math.min(top, row),
        Math.min(left, column),
        Math.max(bottom, row),
        Math.max(right, column),
      ];
    }
  return { differing, box: [bottom - top + 1, right - left + 1] as Pair };
}
