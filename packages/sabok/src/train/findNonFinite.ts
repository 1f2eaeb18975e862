// Where a run first left the finite range: the steps since a good state are repeated, the failing one watched.
import type { Tensor } from "../core/index.ts";
import type { Session } from "../runtime/index.ts";

/**
 * Repeats steps `from` … `failing` from the given states and describes the first value of the failing step
 * that is not finite: "the output of conv2d "features.3.conv" is not finite".
 */
export async function findNonFinite(
  session: Session,
  states: ReadonlyMap<string, Tensor>,
  from: number,
  failing: number,
  feedsOf: (step: number) => Record<string, Float32Array>,
): Promise<string> {
  session.setStates(states);
  for (let step = from; step < failing; step++) await session.run(feedsOf(step));
  for (const [name, { data }] of session.getStates())
    if (!allFinite(data) && !name.startsWith("average.") && !name.startsWith("optimizer."))
      return `the update before it made "${name}" non-finite`;
  let found: string | undefined;
  await session.run(feedsOf(failing), {
    watch(value, read) {
      if (!found && !allFinite(read()))
        found = `the output of ${value.op} "${value.name}" is the first that is not finite`;
    },
  });
  return found ?? "no single layer's output is to blame; the input or the target is not finite";
}

function allFinite(data: Float32Array): boolean {
  return data.every((x) => Number.isFinite(x));
}
