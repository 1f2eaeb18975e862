// MobileNetV3 (Howard et al., 2019), large and small: the paper's tables in timm's notation, names as torchvision's.
import { heNormal } from "../initializers.ts";
import type { Network } from "../network.ts";
import { parseBlockString, type BlockString } from "./blockString.ts";
import { mobileNetwork, type MobileStyle } from "./mobileNetwork.ts";
import type { ScalingOptions } from "./scaleBlocks.ts";

const large = `
  stem_k3_s2_c16
  ds_r1_k3_s1_c16_nre
  ir_r1_k3_s2_e4_c24_nre, ir_r1_k3_s1_e3_c24_nre
  ir_r3_k5_s2_e3_c40_se0.25_nre
  ir_r1_k3_s2_e6_c80, ir_r1_k3_s1_e2.5_c80, ir_r2_k3_s1_e2.3_c80
  ir_r2_k3_s1_e6_c112_se0.25
  ir_r3_k5_s2_e6_c160_se0.25
  cn_r1_k1_s1_c960
  head_c1280`;

const small = `
  stem_k3_s2_c16
  ds_r1_k3_s2_c16_se0.25_nre
  ir_r1_k3_s2_e4.5_c24_nre, ir_r1_k3_s1_e3.67_c24_nre
  ir_r1_k5_s2_e4_c40_se0.25, ir_r2_k5_s1_e6_c40_se0.25
  ir_r2_k5_s1_e3_c48_se0.25
  ir_r3_k5_s2_e6_c96_se0.25
  cn_r1_k1_s1_c576
  head_c1024`;

const style: MobileStyle = {
  epsilon: 1e-3,
  momentum: 0.01,
  init: heNormal,
  linearInit: { kind: "normal", std: 0.01 },
};

export interface MobilenetV3Options extends Omit<ScalingOptions, "activation"> {
  /** The "minimalistic" form of the reference code: no squeeze-and-excitation, no hard-swish, 3x3 kernels. Default false. */
  readonly minimal?: boolean;
}

/** MobileNetV3-Large: 5,483,032 parameters, 216,589,760 MACs at 224x224. */
export function mobilenetV3Large(options: MobilenetV3Options = {}): Network {
  return mobilenetV3(large, options);
}

/** MobileNetV3-Small: 2,542,856 parameters, 56,510,400 MACs at 224x224. */
export function mobilenetV3Small(options: MobilenetV3Options = {}): Network {
  return mobilenetV3(small, options);
}

function mobilenetV3(table: string, { minimal = false, ...options }: MobilenetV3Options): Network {
  const design = parseBlockString(table);
  return mobileNetwork(minimal ? minimalistic(design) : design, style, {
    ...options,
    activation: minimal ? "relu" : "hardSwish",
  });
}

function minimalistic(design: BlockString): BlockString {
  return {
    ...design,
    stages: design.stages.map((stage) => ({ ...stage, squeeze: 0, kernel: Math.min(stage.kernel, 3) })),
  };
}
