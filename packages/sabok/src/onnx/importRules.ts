// Every ONNX operator that is imported, by name.
import { importActivations } from "./importActivations.ts";
import { importArithmetic } from "./importArithmetic.ts";
import { importBoxes } from "./importBoxes.ts";
import { importChoices } from "./importChoices.ts";
import { importNormalization } from "./importNormalization.ts";
import { importQuantized } from "./importQuantized.ts";
import { importReductions } from "./importReductions.ts";
import { importScatter } from "./importScatter.ts";
import { importShapes } from "./importShapes.ts";
import type { ImportRule } from "./importSite.ts";
import { importSpatial } from "./importSpatial.ts";
import { importTensors } from "./importTensors.ts";

export const importRules: ReadonlyMap<string, ImportRule> = new Map(
  [
    importActivations,
    importArithmetic,
    importBoxes,
    importChoices,
    importNormalization,
    importQuantized,
    importReductions,
    importScatter,
    importShapes,
    importSpatial,
    importTensors,
  ].flatMap((rules) => Object.entries(rules)),
);
