// Holds, steps, resumes, hurries or ends a run that is under way.
import { SabokError } from "sabok";
import type { JobContext } from "../job.ts";
import { trainRuns, type Steering } from "./trainControls.ts";

export interface SteerRequest {
  /** The name the page gave the run. */
  readonly run: string;
  readonly change: Steering;
}

/** Throws a SabokError where the run is not under way in this worker. */
export function trainSteer({ run, change }: SteerRequest, _context: JobContext<never>): void {
  const controls = trainRuns.get(run);
  if (!controls)
    throw new SabokError(`The run "${run}" is not under way: it has ended, or the engine was started anew.`);
  controls.steer(change);
}
