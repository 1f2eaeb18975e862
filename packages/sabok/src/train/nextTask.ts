// Lets waiting events in: signals, messages to a worker, a page's frames.

/** Resolves in the next task. By a message, which comes sooner than a timer: browsers hold nested timers back for 4 ms. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
