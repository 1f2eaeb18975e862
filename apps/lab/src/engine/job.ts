// What a job is: a function that runs in the worker, told how to report, to stop and to let messages in.

/** What a job is handed beside its request. */
export interface JobContext<Progress = unknown> {
  /** Aborted when the page cancels the call. A job of many steps checks it after `breathe`. */
  readonly signal: AbortSignal;
  /** Sends one report to the page's `onProgress`; what is in `transfer` moves there instead of being copied. */
  progress(report: Progress, transfer?: readonly Transferable[]): void;
  /** Marks parts of the result as moved, not copied. */
  transfer(parts: readonly Transferable[]): void;
  /** Lets waiting messages in (a cancel, another job), then throws if the call was cancelled. */
  breathe(): Promise<void>;
}

/** A job: what the page asks for in, what it is told out; both survive structured cloning. */
export type Job<Request, Result, Progress = never> = (
  request: Request,
  context: JobContext<Progress>,
) => Result | Promise<Result>;
