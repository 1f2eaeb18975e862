// What a figure was measured on.
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

export function machine() {
  const [{ model }] = cpus();
  return {
    cpu: model,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
  };
}

/** Runnable processes over the last minute: what else the machine was doing. */
export const load = () => Number(loadavg()[0].toFixed(2));

export const today = () => new Date().toISOString().slice(0, 10);
