// How each ONNX operator is said in sabok, one rule an operator. Reading starts where exportRules.ts ends: what that
// writes comes back as it was, and several nodes that are one operator here (x·Sigmoid(x)) are seen by their last.
import { formatShape, normalizeAxis, sizeOf } from "../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../graph/index.ts";
import * as ops from "../ops/index.ts";
import { importActivations } from "./importActivations.ts";
import { importSpatial } from "./importSpatial.ts";
import type { ImportSite } from "./importSite.ts";
