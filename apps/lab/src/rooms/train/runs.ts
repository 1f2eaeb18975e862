// The runs of this visit. They live as long as the page, so that another room may be opened while one trains. A page that
// is left in the middle of a run finds a mark of it when it comes back.
import { computed, signal } from "@preact/signals";
import type { ImageSource } from "../../engine/jobs/trainImages.ts";
import { requestOf, type Settings } from "./settings.ts";
import { TrainingRun } from "./TrainingRun.ts";

/** All runs, the oldest first. */
export const runs = signal<readonly TrainingRun[]>([]);

/** The run that is shown: the latest. */
export const currentRun = computed(() => runs.value.at(-1));

/** Whether a run is under way. */
export const isBusy = computed(() => currentRun.value !== undefined && !currentRun.value.isOver);

const mark = "sabok.train.running";

/** Whether this page was left while a run was under way: reloaded, or closed and restored. Until the next run starts. */
export const isRunLost = signal(sessionStorage.getItem(mark) !== null);

/** Starts a run; it becomes the current one. */
export function startRun(settings: Settings, source: ImageSource, threads: number, held: boolean): void {
  const number = runs.peek().length + 1;
  const name = crypto.randomUUID();
  const run = new TrainingRun(number, settings, name);
  runs.value = [...runs.peek(), run];
  isRunLost.value = false;
  sessionStorage.setItem(mark, name);
  void run
    .start(requestOf(settings, { run: name, source, threads, held }))
    .finally(() => sessionStorage.removeItem(mark));
}
