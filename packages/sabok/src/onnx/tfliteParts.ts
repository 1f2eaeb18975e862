// TFLite's operators that take parts of a value, put values together and move numbers without changing them, in sabok's.
import { broadcastTo, gather } from "../ops/index.ts";
import { asKnown, asPlain } from "./channelsLast.ts";
import {
  depthToSpace,
  expectPads,
  mirrored,
  packed,
  sliced,
  spaceToDepth,
  split,
  splitBy,
  strided,
  tiled,
  unpacked,
} from "./channelsLastParts.ts";
import { expanded, joined, padded, reshaped, squeezed, transposed } from "./channelsLastRules.ts";
import type { TfliteRule } from "./tfliteSpatial.ts";

export const tfliteParts: Readonly<Record<string, TfliteRule>> = {
  RESHAPE: (node) => reshaped(node, node.has(1) ? node.numbers(1) : node.ints(0)),
  SQUEEZE(node) {
    const axes = node.ints(0);
    return squeezed(node, axes.length > 0 ? axes : undefined);
  },
  EXPAND_DIMS: (node) => expanded(node, node.number(1)),
  TRANSPOSE: (node) => transposed(node, node.numbers(1)),
  SHAPE: (node) => asKnown([node.shape(0).length], node.shape(0)),
  RANK: (node) => asKnown([], [node.shape(0).length]),

  CONCATENATION(node) {
    if (node.byte(1) !== 0) node.refuse(`it is fused with activation ${node.byte(1)}`);
    return joined(node, [...node.operands.keys()], node.int(0));
  },
  PACK: (node) => packed(node, node.int(1)),
  UNPACK: (node) => unpacked(node, node.int(1), node.results.length),
  SPLIT: (node) => split(node, 1, node.number(0), node.results.length),
  SPLIT_V: (node) => splitBy(node, node.numbers(1), node.number(2), node.results.length),
  SLICE: (node) => sliced(node, node.numbers(1), node.numbers(2)),
  STRIDED_SLICE(node) {
    if ([2, 3].some((field) => node.int(field) !== 0) || node.flag(5))
      node.refuse("it has an ellipsis, a new axis or relative ends, which sabok does not import");
    return strided(node, { begin: node.int(0), end: node.int(1), shrink: node.int(4) });
  },
  GATHER(node) {
    if (node.int(1) !== 0) node.refuse("it gathers within each of a batch, which sabok does not import");
    return asPlain(node.apply(gather, [node.plain(0), node.plain(1)], { axis: node.int(0) }));
  },

  PAD(node) {
    expectPads(node);
    return padded(node, node.numbers(1), 0);
  },
  PADV2(node) {
    expectPads(node);
    return padded(node, node.numbers(1), node.number(2));
  },
  // REFLECT (0) leaves the border itself out, SYMMETRIC repeats it.
  MIRROR_PAD: (node) => mirrored(node, node.byte(0) === 0 ? 1 : 0),
  TILE: tiled,
  BROADCAST_TO: (node) => asPlain(node.apply(broadcastTo, [node.plain(0)], { shape: node.numbers(1) })),
  DEPTH_TO_SPACE: (node) => depthToSpace(node, node.int(0)),
  SPACE_TO_DEPTH: (node) => spaceToDepth(node, node.int(0)),
};
