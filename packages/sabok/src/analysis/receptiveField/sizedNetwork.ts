// The network a receptive field is measured on: positive, without gates over the whole map, on an input so large that some
// output sees its whole field.
import { ShapeError } from "../../core/index.ts";
import { shapeOf, type Graph, type Pair, type Value } from "../../graph/index.ts";
import { withInputShapes } from "../../passes/index.ts";
import { fieldsOf, localTerms, type Fields } from "./fields.ts";
import { positiveGraph } from "./positiveNetwork.ts";
import { interiorPlace } from "./reach.ts";
import { receptiveFieldOf } from "./receptiveField.ts";

/** The part of the network that makes the value (output "map"), gates over the whole map left out where it has a field without them. */
export function localNetwork(
  fields: Fields,
  value: Value,
): { readonly graph: Graph; readonly withoutGates: boolean } {
  const isGate = (factor: Value): boolean => {
    const seen = fields.seen.get(factor);
    return seen !== undefined && seen.unknown === undefined && localTerms(seen).length === 0;
  };
  const seen = fields.seen.get(value)!;
  const isLocal = localTerms(seen).length > 0;
  return {
    graph: positiveGraph(fields.image, value, isLocal ? isGate : () => false),
    withoutGates: isLocal && seen.terms.some((term) => term.includes("all")),
  };
}

export interface SizedNetwork {
  readonly fields: Fields;
  readonly place: Pair | undefined;
}

/** A local network, one image of it, on an input on which some output sees its whole field; or on its own input. */
export function sizedNetwork(fields: Fields, value: Value, graph: Graph, keepsInput: boolean): SizedNetwork {
  const own = ofOneImage(graph);
  const { local } = receptiveFieldOf(fields, value);
  const larger = keepsInput || !local ? undefined : onLargerInput(own, local);
  return larger ?? { fields: own, place: interiorPlace(own, mapOf(own)) };
}

export interface SizedNetwork {
  readonly fields: Fields;
  /** A place of the map whose output sees its whole field, where there is one. */
  readonly place: Pair | undefined;
}

function ofOneImage(graph: Graph): Fields {
  const [image] = Object.values(graph.inputs);
  return fieldsOf(withInputShapes(graph, { [image!.name]: [1, ...shapeOf(image!).slice(1)] }));
}

const mapOf = ({ graph }: Fields): Value => graph.outputs["map"]!;

/** The smallest input, in steps of the largest stride, on which some output sees its whole field. */
function onLargerInput({ graph, image, seen }: Fields, size: Pair): SizedNetwork | undefined {
  // A resize names its output size, so on another input it would be another resize.
  if (graph.values.some(({ op }) => op === "resize" || op === "sliceGradient")) return undefined;
  const terms = [...seen.values()].flatMap(localTerms);
  const unit = ([0, 1] as const).map((k) => Math.ceil(Math.max(...terms.map((term) => term[k].step))));
  const channels = shapeOf(image)[1]!;
  // If any output of a map sees its whole field the middle one mostly does, so it is tried first: that is quicker.
  for (const farthest of [1, Infinity])
    for (let extra = 0; extra < 6; extra++) {
      const [height, width] = ([0, 1] as const).map(
        (k) => unit[k]! * (Math.ceil(size[k] / unit[k]!) + extra),
      ) as [number, number];
      try {
        const fields = fieldsOf(withInputShapes(graph, { [image.name]: [1, channels, height, width] }));
        const place = interiorPlace(fields, mapOf(fields), farthest);
        if (place) return { fields, place };
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
      }
    }
  return undefined;
}
