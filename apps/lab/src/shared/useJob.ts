// A job's answer as a component sees it: running, done or failed; a newer request cancels the older one.
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { call } from "../engine/engine.ts";
import type { JobName, ProgressOf, RequestOf, ResultOf } from "../engine/jobs.ts";

export interface JobView<Name extends JobName> {
  /** The last answer; kept while the next one is computed, so that the view does not flicker. */
  readonly result: ReadonlySignal<ResultOf<Name> | undefined>;
  readonly error: ReadonlySignal<unknown>;
  readonly progress: ReadonlySignal<ProgressOf<Name> | undefined>;
  readonly running: ReadonlySignal<boolean>;
  /** Runs the job; what was running is cancelled. Resolves when this call is settled, whatever its end. */
  readonly run: (request: RequestOf<Name>, transfer?: readonly Transferable[]) => Promise<void>;
  readonly cancel: () => void;
}

/** Binds a component to a job; its call is cancelled when the component goes. */
export function useJob<Name extends JobName>(name: Name): JobView<Name> {
  const result = useSignal<ResultOf<Name> | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const progress = useSignal<ProgressOf<Name> | undefined>(undefined);
  const running = useSignal(false);
  const active = useRef<AbortController | undefined>(undefined);

  const view = useMemo<JobView<Name>>(() => {
    const cancel = (): void => {
      active.current?.abort();
      active.current = undefined;
      running.value = false;
    };
    const run = async (request: RequestOf<Name>, transfer: readonly Transferable[] = []): Promise<void> => {
      cancel();
      const controller = (active.current = new AbortController());
      running.value = true;
      error.value = undefined;
      progress.value = undefined;
      try {
        const { signal } = controller;
        const answer = await call(name, request, {
          signal,
          onProgress: (report) => {
            if (active.current === controller) progress.value = report;
          },
          transfer,
        });
        if (active.current === controller) result.value = answer;
      } catch (problem) {
        if (active.current === controller) error.value = problem;
      } finally {
        if (active.current === controller) {
          running.value = false;
          active.current = undefined;
        }
      }
    };
    return { result, error, progress, running, run, cancel };
  }, [name]);
  useEffect(() => view.cancel, [view]);
  return view;
}
