// Bounded concurrency, for work that waits on files and on sharp's own threads.

/** Calls `task` for 0 … count−1 with at most `most` unfinished at a time; rejects with the first rejection. */
export async function forEachConcurrently(
  count: number,
  most: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, worker));
}
