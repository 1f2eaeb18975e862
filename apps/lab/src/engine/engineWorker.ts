// The worker: it owns sessions and training runs, and runs the jobs that the page calls.
import { SabokError } from "sabok";
import type { JobContext } from "./job.ts";
import { jobs, type JobName } from "./jobs.ts";
import { lockName, type FromWorker, type SentError, type ToWorker } from "./messages.ts";

type AnyJob = (request: unknown, context: JobContext) => unknown;

const scope = globalThis as typeof globalThis & {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  readonly name: string;
};
const running = new Map<number, AbortController>();

scope.onmessage = ({ data }) => {
  if (data.kind === "cancel") running.get(data.id)?.abort();
  else if (data.kind === "load") jobs[data.name as JobName]().catch(() => {}); // the call that needs it says what failed
  else void answer(data.id, data.name as JobName, data.request);
};
// Held until this worker ends, whatever ends it: the page waits for the same lock to hear of that.
// The page is told only once it is held, or the page's own request could come first and be granted to a living worker.
void globalThis.navigator.locks?.request(lockName(scope.name), () => {
  scope.postMessage({ kind: "ready" }, []);
  return new Promise<never>(() => {});
});

async function answer(id: number, name: JobName, request: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const moved: Transferable[] = [];
  const { signal } = controller;
  const context: JobContext = {
    signal,
    progress: (report, transfer = []) => scope.postMessage({ kind: "progress", id, report }, [...transfer]),
    transfer: (parts) => moved.push(...parts),
    async breathe() {
      await nextTask();
      signal.throwIfAborted();
    },
  };
  try {
    const job = (await jobs[name]()) as AnyJob;
    const result = await job(request, context);
    signal.throwIfAborted();
    scope.postMessage({ kind: "result", id, result }, moved);
  } catch (error) {
    scope.postMessage({ kind: "error", id, error: describe(error) }, []);
  } finally {
    running.delete(id);
  }
}

/** Resolves after the messages that are waiting now; quicker than a timer, which browsers hold back. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

function describe(error: unknown): SentError {
  if (!(error instanceof Error) && !(error instanceof DOMException))
    return { name: "Error", message: String(error), stack: undefined, mendable: false };
  const outOfMemory = error instanceof RangeError && /memory|allocation|array length/i.test(error.message);
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    mendable: error instanceof SabokError || outOfMemory,
  };
}
