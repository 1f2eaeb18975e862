// The models: published networks by torchvision's or timm's parameter names, block strings, and the family `fit` uses.
export {
  formatBlockString,
  parseBlockString,
  type BlockStage,
  type BlockString,
  type BlockType,
  type Head,
  type Stem,
} from "./blockString.ts";
export { blockStringNetwork } from "./mobileNetwork.ts";
export { type ScalingOptions } from "./scaleBlocks.ts";
export { mobilenetFamily, mobilenetFamilyBlocks, type FamilyOptions } from "./mobilenetFamily.ts";
export { mobilenetV1 } from "./mobilenetV1.ts";
export { mobilenetV2 } from "./mobilenetV2.ts";
export { mobilenetV3Large, mobilenetV3Small, type MobilenetV3Options } from "./mobilenetV3.ts";
export { roundChannels, type MobileOptions, type ModelOptions } from "./options.ts";
export { models, namedNetwork, type Model } from "./registry.ts";
export { preactResnet18, resnet18, resnet50 } from "./resnet.ts";
