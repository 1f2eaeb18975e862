// The search of the receptive-field designer, and its stop: what is found so far is kept, with what is proved about it.
import { design as search, type DesignOptions, type DesignProgress, type DesignResult } from "sabok/analysis";
import type { JobContext } from "../job.ts";

/** At about 200 bytes each, what a browser's tab has to spare. */
const mostStates = 2e6;

const stops = new Set<AbortController>();

/** The library's answer. Throws SabokError for options that make no question. */
export async function design(
  options: DesignOptions,
  { signal, progress }: JobContext<DesignProgress>,
): Promise<DesignResult> {
  const stop = new AbortController();
  stops.add(stop);
  try {
    const either = AbortSignal.any([signal, stop.signal]);
    return await search(options, { signal: either, onProgress: (report) => progress(report), mostStates });
  } finally {
    stops.delete(stop);
  }
}

/** Ends every search under way; each then answers with what it has. Gives how many there were. */
export function stopDesign(_request: null, _context: JobContext<never>): number {
  for (const stop of stops) stop.abort();
  return stops.size;
}
