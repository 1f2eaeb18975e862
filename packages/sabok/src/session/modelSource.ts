// A model's bytes and the files beside it, wherever they are: what every format is read from.
import { SabokError } from "../core/index.ts";

/** A model file and the way to the files beside it. */
export interface ModelSource {
  /** What a person calls it: its path or address. Its ending says the format, where it has one. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The bytes of a file beside the model, by its relative path. Throws a SabokError where there is none. */
  beside(location: string): Promise<Uint8Array> | Uint8Array;
}

/** A source of bytes alone. */
export function bytesSource(name: string, bytes: Uint8Array): ModelSource {
  return {
    name,
    bytes,
    beside(location) {
      throw new SabokError(
        `${name}: keeps a part of itself in "${location}"; give that file too, or open the model by its path or address.`,
      );
    },
  };
}

/** The source of several files of which `main` is the model; others are found by their path or by its last part. */
export function filesSource(main: string, files: ReadonlyMap<string, Uint8Array>): ModelSource {
  return {
    name: main,
    bytes: files.get(main)!,
    beside(location) {
      const found = files.get(location) ?? files.get(location.slice(location.lastIndexOf("/") + 1));
      if (found) return found;
      throw new SabokError(
        `${main}: needs "${location}", which is not among the files given: ${[...files.keys()].join(", ")}.`,
      );
    },
  };
}
