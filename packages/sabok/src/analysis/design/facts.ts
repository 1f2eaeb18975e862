// What there is to say about the cheapest stack besides its cost.
import { sizeOf } from "../../core/index.ts";
import type { Design, Optimality, SeenField } from "./designResult.ts";
import { leastReceptiveField, relativeField, type DesignProblem } from "./problem.ts";
import { depthLaw, relaxedOptimum } from "./relaxation.ts";
import {
  effectiveStdOf,
  hybridDilation,
  isHoleFree,
  jumpsOf,
  layerMacs,
  stackReceptiveField,
  stepsOf,
  supportOf,
  type Layers,
} from "./stack.ts";

/** What an output of the stack sees. */
export function seenField({ input }: DesignProblem, layers: Layers): SeenField {
  const field = stackReceptiveField(layers);
  const pixels = supportOf(layers).length;
  return {
    relative: relativeField(field, input),
    holeFree: isHoleFree(layers),
    pixels,
    coverage: { axis: pixels / field, area: (pixels / field) ** 2 },
    effectiveStd: effectiveStdOf(layers),
    hybridDilation: hybridDilation(layers) ?? null,
  };
}

/** The stack beside the optimum over real numbers. */
export function optimalityOf(problem: DesignProblem, { layers, macs, outputs }: Design): Optimality {
  const { input, channels, cost, kernels } = problem;
  const perLayer = layerMacs(layers, input, channels, cost);
  const weights = outputs.map((output, l) => channels[l]! * channels[l + 1]! * sizeOf(output));
  const least = leastReceptiveField(problem)!;
  const steps = stepsOf(layers);
  const order = [...layers.keys()].sort((a, b) => steps[a]! - steps[b]!);
  const relaxed = relaxedOptimum(weights, least, { jumps: jumpsOf(layers), order });
  return {
    layerMacs: perLayer,
    spread: Math.max(...perLayer) / Math.min(...perLayer),
    relaxed,
    overRelaxed: macs / relaxed.macs,
    depthLaw: depthLaw(least, kernels.find((kernel) => kernel > 1) ?? 2),
  };
}
