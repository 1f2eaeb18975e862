import { expect, test } from "vitest";
import { RunControls } from "./trainControls.ts";

/** Whether a promise is settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return settled;
}

const nothing = (): void => {};

test("a run goes on by itself until it is held, and goes on again when told", async () => {
  const controls = new RunControls(new AbortController().signal);
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(true);
  controls.steer({ kind: "hold" });
  let [holds, goes] = [0, 0];
  const waiting = controls.pass(
    () => holds++,
    () => goes++,
  );
  expect([await isSettled(waiting), holds, goes]).toEqual([false, 1, 0]);
  controls.steer({ kind: "go" });
  expect([await isSettled(waiting), holds, goes]).toEqual([true, 1, 1]);
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(true);
});

test("each step asked for lets one step through; one asked for during a step is kept", async () => {
  const controls = new RunControls(new AbortController().signal, true);
  const first = controls.pass(nothing, nothing);
  controls.steer({ kind: "step" });
  expect(await isSettled(first)).toBe(true);
  controls.steer({ kind: "step" });
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(true);
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(false);
});

test("a step asked for while the run goes holds it after that step", async () => {
  const controls = new RunControls(new AbortController().signal);
  controls.steer({ kind: "step" });
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(true);
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(false);
});

test("going on forgets steps that were asked for", async () => {
  const controls = new RunControls(new AbortController().signal, true);
  controls.steer({ kind: "step" });
  controls.steer({ kind: "go" });
  controls.steer({ kind: "hold" });
  expect(await isSettled(controls.pass(nothing, nothing))).toBe(false);
});

test("stop and finish end a hold", async () => {
  const stop = new AbortController();
  const [stopped, finished] = [
    new RunControls(stop.signal, true),
    new RunControls(new AbortController().signal, true),
  ];
  const waiting = [stopped.pass(nothing, nothing), finished.pass(nothing, nothing)];
  stop.abort();
  finished.steer({ kind: "finish" });
  expect(await Promise.all(waiting.map(isSettled))).toEqual([true, true]);
  expect(finished.enough.signal.aborted).toBe(true);
});

test("the peak is the last one given", () => {
  const controls = new RunControls(new AbortController().signal);
  expect(controls.peak).toBeUndefined();
  controls.steer({ kind: "rate", peak: 0.01 });
  controls.steer({ kind: "rate", peak: 0.002 });
  expect(controls.peak).toBe(0.002);
});
