// A job that follows a pointer: one call at a time, and of the requests that came meanwhile only the last. An answer stands
// beside the request it answers, so that what is drawn belongs together.
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { JobName, RequestOf, ResultOf } from "../../engine/jobs.ts";
import { useJob } from "../../shared/useJob.ts";

export interface Answer<Name extends JobName> {
  readonly request: RequestOf<Name>;
  readonly result: ResultOf<Name>;
}

export interface LatestJob<Name extends JobName> {
  readonly answer: ReadonlySignal<Answer<Name> | undefined>;
  readonly error: ReadonlySignal<unknown>;
  readonly run: (request: RequestOf<Name>) => void;
}

export function useLatestJob<Name extends JobName>(name: Name): LatestJob<Name> {
  const job = useJob(name);
  const answer = useSignal<Answer<Name> | undefined>(undefined);
  const waiting = useRef<{ readonly request: RequestOf<Name> } | undefined>(undefined);
  const busy = useRef(false);
  return useMemo(() => {
    const work = async (): Promise<void> => {
      busy.current = true;
      for (let next = waiting.current; next; next = waiting.current) {
        waiting.current = undefined;
        await job.run(next.request);
        const result = job.result.peek();
        if (job.error.peek() === undefined && result !== undefined)
          answer.value = { request: next.request, result };
      }
      busy.current = false;
    };
    return {
      answer,
      error: job.error,
      run(request) {
        waiting.current = { request };
        if (!busy.current) void work();
      },
    };
  }, [job]);
}
