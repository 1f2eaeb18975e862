// What every loader takes and reports.
import type { SplitOptions } from "../../data/index.ts";

/** How far reading has come: files when decoding, bytes when downloading. */
export interface DataProgress {
  readonly task: "download" | "headers" | "decode";
  readonly what: string;
  readonly done: number;
  /** Absent where a server does not say the size. */
  readonly total?: number;
}

/** How images are read from files. */
export interface ReadOptions extends SplitOptions {
  /** Go on without the images that do not decode, and list them. */
  readonly skipBad?: boolean;
  /** Called with each line worth telling the user. */
  readonly log?: (line: string) => void;
  readonly onProgress?: (progress: DataProgress) => void;
}
