// One run as the page knows it: what the engine reported, as signals, so that a step redraws a curve and no more.
import { signal } from "@preact/signals";
import { call } from "../../engine/engine.ts";
import type { Steering } from "../../engine/jobs/trainControls.ts";
import type { HeldOut, Look } from "../../engine/jobs/trainLooks.ts";
import type { TrainReport, TrainRequest, TrainResult } from "../../engine/jobs/train.ts";
import { StepCurve, type Point } from "./curves.ts";
import type { Settings } from "./settings.ts";

type ReportOf<Kind extends TrainReport["kind"]> = Extract<TrainReport, { readonly kind: Kind }>;
export type RunData = ReportOf<"data">;
export type RunNetwork = ReportOf<"network">;
export type RunTraining = ReportOf<"training">;
export type RunSteps = Omit<ReportOf<"steps">, "points">;
export type RunEpoch = ReportOf<"epoch">["metrics"];

/** `preparing` reads images and compiles; `held` waits; the last three are ends. */
export type RunPhase = "preparing" | "going" | "held" | "testing" | "done" | "stopped" | "failed";

/** How far batch norm's statistics were from the images' at a look: over all norms the mean, and the worst. */
export interface Drift {
  readonly x: number;
  readonly mean: number;
  readonly worst: number;
}

export class TrainingRun {
  /** From 1. */
  readonly number: number;
  readonly settings: Settings;
  readonly phase = signal<RunPhase>("preparing");
  readonly reading = signal<{ readonly done: number; readonly total: number } | undefined>(undefined);
  readonly notes = signal<readonly string[]>([]);
  readonly data = signal<RunData | undefined>(undefined);
  readonly network = signal<RunNetwork | undefined>(undefined);
  readonly training = signal<RunTraining | undefined>(undefined);
  readonly steps = signal<RunSteps | undefined>(undefined);
  readonly epochs = signal<readonly RunEpoch[]>([]);
  readonly pictures = signal<readonly HeldOut[]>([]);
  /** The first look and the latest one. */
  readonly looks = signal<{ readonly first: Look; readonly now: Look } | undefined>(undefined);
  readonly drifts = signal<readonly Drift[]>([]);
  /** The peak learning rate as it stands. */
  readonly peak = signal(0);
  readonly result = signal<TrainResult | undefined>(undefined);
  readonly error = signal<unknown>(undefined);
  /** Counts what was added to the curves. */
  readonly drawn = signal(0);
  readonly curve = new StepCurve();
  private readonly controller = new AbortController();
  private readonly name: string;

  constructor(number: number, settings: Settings, name: string) {
    this.number = number;
    this.settings = settings;
    this.name = name;
  }

  get isOver(): boolean {
    return ["done", "stopped", "failed"].includes(this.phase.value);
  }

  /** Runs in the engine until it ends; never rejects. */
  async start(request: TrainRequest): Promise<void> {
    try {
      const result = await call("train", request, {
        signal: this.controller.signal,
        onProgress: (report) => this.hear(report),
      });
      this.result.value = result;
      this.phase.value = result ? "done" : "stopped";
    } catch (error) {
      if (this.controller.signal.aborted) this.phase.value = "stopped";
      else {
        this.error.value = error;
        this.phase.value = "failed";
      }
    }
  }

  stop(): void {
    this.controller.abort();
  }

  async steer(change: Steering): Promise<void> {
    if (change.kind === "rate") this.peak.value = change.peak;
    if (this.isOver) return;
    try {
      await call("trainSteer", { run: this.name, change });
    } catch (error) {
      // A run that has just ended cannot be steered any more; what went wrong otherwise the run itself tells.
      if (!this.isOver)
        this.notes.value = [...this.notes.value, error instanceof Error ? error.message : String(error)];
    }
  }

  /** Takes in one report. */
  hear(report: TrainReport): void {
    switch (report.kind) {
      case "reading":
        this.reading.value = report;
        break;
      case "note":
        this.notes.value = [...this.notes.value, report.text];
        break;
      case "data":
        this.reading.value = undefined;
        this.data.value = report;
        break;
      case "network":
        this.network.value = report;
        break;
      case "training":
        this.training.value = report;
        this.peak.value = report.peak;
        break;
      case "pictures":
        this.pictures.value = report.pictures;
        break;
      case "steps":
        this.hearSteps(report);
        break;
      case "epoch":
        this.epochs.value = [...this.epochs.value, report.metrics];
        this.drawn.value++;
        break;
      case "look":
        this.hearLook(report.look);
        break;
      case "held":
      case "going":
      case "testing":
        this.phase.value = report.kind;
    }
  }

  /** Validation by epoch, as a line. */
  validation(value: (metrics: { readonly loss: number; readonly accuracy: number }) => number): Point[] {
    return this.epochs.value.flatMap(({ epoch, validation }) =>
      validation ? [[epoch, value(validation)] as const] : [],
    );
  }

  private hearSteps({ points, ...steps }: ReportOf<"steps">): void {
    const perEpoch = this.training.peek()!.steps;
    for (const { step, loss, accuracy, rate } of points)
      this.curve.add({ x: step / perEpoch, loss, accuracy, rate });
    this.steps.value = steps;
    if (this.phase.peek() === "preparing") this.phase.value = "going";
    this.drawn.value++;
  }

  private hearLook(look: Look): void {
    this.looks.value = { first: this.looks.peek()?.first ?? look, now: look };
    if (look.norms.length === 0) return;
    const shifts = look.norms.map(({ shift }) => shift);
    const drift = {
      x: look.step / this.training.peek()!.steps,
      mean: shifts.reduce((a, b) => a + b, 0) / shifts.length,
      worst: Math.max(...shifts),
    };
    const before = this.drifts.peek().filter(({ x }) => x < drift.x);
    this.drifts.value = [...thinned(before), drift];
  }
}

/** Every other one where there are too many to draw. */
function thinned(drifts: readonly Drift[]): readonly Drift[] {
  return drifts.length < 400 ? drifts : drifts.filter((_, i) => i % 2 === 0);
}
