// The models that can be picked by name.
import { models } from "sabok/models";
import type { JobContext } from "../job.ts";

export interface ModelChoice {
  readonly name: string;
  readonly hasWidth: boolean;
}

export function listModels(_request: undefined, _context: JobContext<never>): ModelChoice[] {
  return models.map(({ name, hasWidth }) => ({ name, hasWidth }));
}
