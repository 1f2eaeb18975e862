// How far an output effectively looks: the spread of its gradient over the image, measured on one channel of every map.
import type { Pair, Value } from "../../graph/index.ts";
import type { Fields } from "./fields.ts";
import { gradientMaps, spreadOf, type Backend } from "./measure.ts";
import { oneChannel } from "./oneChannel.ts";
import { positiveNetwork } from "./positiveNetwork.ts";
import { localNetwork, sizedNetwork } from "./sizedNetwork.ts";

/**
 * The effective receptive field (Luo et al., 2016): the standard deviation of one output's gradient down and across, in
 * input pixels, with every kernel a plain mean, for an output that sees its whole field. Gates over the whole map are set
 * aside. The same as `verifyReceptiveField` measures, without running every channel.
 */
export async function effectiveField(
  fields: Fields,
  value: Value,
  { backend = "wasm" }: { readonly backend?: Backend } = {},
): Promise<Pair> {
  const { graph } = localNetwork(fields, value);
  const sized = sizedNetwork(fields, value, oneChannel(graph) ?? graph, false);
  const measured = sized.fields.graph.outputs["map"]!;
  const { axes } = sized.fields.seen.get(measured)!;
  const network = positiveNetwork(sized.fields.image, measured);
  const [map] = await gradientMaps(network, axes, [sized.place ?? [0, 0]], backend);
  return spreadOf(map!);
}
