// When each step of a run begins, as the thread that calls `run` sees it.
import type { Feed, Session } from "./session.ts";

/**
 * Runs a session once. Gives the milliseconds at which the calling thread began each step of the plan, and after them the
 * end; NaN where other threads had done a step before this one came to it.
 */
export async function clockSteps(
  session: Session,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Float64Array> {
  const begins = new Float64Array(session.plan.steps.length + 1).fill(NaN);
  await session.run(feeds, {
    onStep(step) {
      if (Number.isNaN(begins[step])) begins[step] = performance.now();
    },
  });
  return begins;
}
