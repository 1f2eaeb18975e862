// The levers of a running training: hold, single steps, the learning rate, enough. The page pulls them by `steerTrain`.

/** What the page may ask of a run that is under way. */
export type Steering =
  | { readonly kind: "hold" | "go" | "step" | "finish" }
  /** The peak from now on: the schedule keeps its form. */
  | { readonly kind: "rate"; readonly peak: number };

export class RunControls {
  /** Undefined while nobody has changed it. */
  peak: number | undefined;
  /** Aborted by "finish": the run ends and is tested and written. */
  readonly enough = new AbortController();
  private held: boolean;
  private steps = 0;
  private wake: () => void = () => {};
  private readonly stop: AbortSignal;

  /** `stop` ends the run; it also ends a hold. */
  constructor(stop: AbortSignal, held = false) {
    this.stop = stop;
    this.held = held;
    stop.addEventListener("abort", () => this.wake());
  }

  /** Whether the run stands still after the steps it was granted. */
  get isHeld(): boolean {
    return this.held;
  }

  steer(change: Steering): void {
    if (change.kind === "rate") this.peak = change.peak;
    if (change.kind === "hold") this.held = true;
    if (change.kind === "go") [this.held, this.steps] = [false, 0];
    if (change.kind === "step") [this.held, this.steps] = [true, this.steps + 1];
    if (change.kind === "finish") this.enough.abort();
    this.wake();
  }

  /**
   * Resolves when the next step may be taken, or the run is to end. If it has to wait, `onHold` is called before and `onGo`
   * after.
   */
  async pass(onHold: () => void, onGo: () => void): Promise<void> {
    const mayGo = (): boolean =>
      !this.held || this.steps > 0 || this.stop.aborted || this.enough.signal.aborted;
    const waits = !mayGo();
    if (waits) onHold();
    while (!mayGo()) await new Promise<void>((resolve) => (this.wake = resolve));
    if (waits) onGo();
    if (this.held) this.steps = Math.max(0, this.steps - 1);
  }
}

/** The runs of this worker by the page's name for them. */
export const trainRuns = new Map<string, RunControls>();
