// The models by name, as the command line and the reports list them.
import { SabokError, nearestNames } from "../../core/index.ts";
import type { Network } from "../network.ts";
import { blockStringNetwork } from "./mobileNetwork.ts";
import { mobilenetV1 } from "./mobilenetV1.ts";
import { mobilenetV2 } from "./mobilenetV2.ts";
import { mobilenetV3Large, mobilenetV3Small } from "./mobilenetV3.ts";
import type { MobileOptions } from "./options.ts";
import { preactResnet18, resnet18, resnet50 } from "./resnet.ts";

export interface Model {
  readonly name: string;
  /** One sentence, with the paper. */
  readonly doc: string;
  /** The image size it was published for, [C,H,W]. */
  readonly input: readonly [number, number, number];
  /** Whether it has a width. */
  readonly hasWidth: boolean;
  build(options?: MobileOptions): Network;
}

const input = [3, 224, 224] as const;
const mobile = { input, hasWidth: true };
const residual = { input, hasWidth: false };

/** Every published model there is. */
export const models: readonly Model[] = [
  {
    ...mobile,
    name: "mobilenet_v1",
    doc: "Depthwise separable convolutions (Howard et al., 2017).",
    build: mobilenetV1,
  },
  {
    ...mobile,
    name: "mobilenet_v2",
    doc: "Inverted residuals with linear bottlenecks (Sandler et al., 2018).",
    build: mobilenetV2,
  },
  {
    ...mobile,
    name: "mobilenet_v3_large",
    doc: "Searched blocks, squeeze-and-excitation, hard-swish (Howard et al., 2019).",
    build: mobilenetV3Large,
  },
  {
    ...mobile,
    name: "mobilenet_v3_small",
    doc: "The small one of the same search.",
    build: mobilenetV3Small,
  },
  {
    ...mobile,
    name: "mobilenet_v3_large_minimal",
    doc: "MobileNetV3-Large without squeeze-and-excitation, hard-swish and 5x5 kernels.",
    build: (options) => mobilenetV3Large({ ...options, minimal: true }),
  },
  {
    ...mobile,
    name: "mobilenet_v3_small_minimal",
    doc: "MobileNetV3-Small without squeeze-and-excitation, hard-swish and 5x5 kernels.",
    build: (options) => mobilenetV3Small({ ...options, minimal: true }),
  },
  { ...residual, name: "resnet18", doc: "Residual network of 18 layers (He et al., 2015).", build: resnet18 },
  {
    ...residual,
    name: "resnet50",
    doc: "Residual network of 50 layers with bottlenecks (He et al., 2015).",
    build: resnet50,
  },
  {
    ...residual,
    name: "preact_resnet18",
    doc: "ResNet-18 with norm and activation before each convolution (He et al., 2016).",
    build: preactResnet18,
  },
];

/**
 * The network a user names: a model of the list, or blocks in timm's notation. Throws SabokError with the nearest names
 * where there is no such model, and where a width is given to one that has none.
 */
export function namedNetwork(nameOrBlocks: string, options: MobileOptions = {}): Network {
  const text = nameOrBlocks.trim();
  const model = models.find(({ name }) => name === text);
  if (!model) {
    if (/[\s,]|_[rksce]\d/.test(text)) return blockStringNetwork(text, options);
    throw new SabokError(unknownModel(text));
  }
  if (options.width !== undefined && !model.hasWidth)
    throw new SabokError(`${text} has no width; leave it out, or take one of the mobilenets.`);
  return model.build(options);
}

function unknownModel(text: string): string {
  const names = models.map(({ name }) => name);
  const near = nearestNames(text.replaceAll("-", "_"), names, 3);
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `The models are ${names.join(", ")}.`;
  return `There is no model named "${text}". ${hint} A block string such as ir_r2_k3_s2_e6_c24 works too.`;
}
