// Ctrl-C: the first asks the work to stop, the second ends the process.
import type { Terminal } from "./terminal.ts";

/** As shells say it: 128 + SIGINT. */
export const interruptedStatus = 130;

/** Aborts the controller at the first signal, with a line that says what happens now. Returns what puts the signals back. */
export function abortOnSignals(controller: AbortController, terminal: Terminal, what: string): () => void {
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(interruptedStatus);
    controller.abort();
    terminal.line(`\n${what} (Ctrl-C again stops at once)`);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
