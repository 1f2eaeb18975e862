// The latency table measured anew on the machine at hand.
import type { ChapterContext } from "../chapter.ts";
import { measureLatency } from "./measureLatency.ts";
import { chainNetwork, choicesAt, places } from "./searchSpace.ts";

export async function measuredTable({ onProgress, signal }: ChapterContext): Promise<number[][]> {
  const table: number[][] = [];
  for (const [place, at] of places.entries()) {
    const row: number[] = [];
    for (const choice of choicesAt(at)) {
      signal?.throwIfAborted();
      row.push(choice.expansion === 0 ? 0 : await measureLatency(chainNetwork([choice], place)));
    }
    table.push(row);
    onProgress?.((place + 1) / places.length, `latencies of place ${place + 1}`);
  }
  return table;
}
