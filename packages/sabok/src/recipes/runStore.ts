// Where a run keeps its files. The recipes read and write by name; `sabok/node` gives a folder on disk, a page may give
// memory or OPFS.

/** Files by name ("model.onnx", "checkpoint/checkpoint.json"). Each write is whole or absent, never half. */
export interface RunStore {
  /** What a person calls it, for messages and the resume line: the folder's path. */
  readonly name: string;
  /** The bytes of a file; undefined where there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  write(file: string, content: Uint8Array | string): Promise<void>;
  /** Removes files; those that do not exist are passed over. */
  remove(files: readonly string[]): Promise<void>;
  /** The names of the files in a folder of the store; none where there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Throws a SabokError where the store cannot take so many bytes. Asked before training begins. */
  ensureRoom(bytes: number): Promise<void>;
}

/** The files of a run. */
export const runFiles = {
  onnx: "model.onnx",
  weights: "model.safetensors",
  graph: "model.json",
  metrics: "metrics.jsonl",
  report: "report.html",
} as const;

/** A text file's content; undefined where there is none. */
export async function readText(store: RunStore, file: string): Promise<string | undefined> {
  const bytes = await store.read(file);
  return bytes && new TextDecoder().decode(bytes);
}

/** A store in memory: for pages and tests. */
export function memoryStore(name = "memory"): RunStore & { readonly files: ReadonlyMap<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    name,
    files,
    read: (file) => Promise.resolve(files.get(file)),
    write: (file, content) => {
      files.set(
        file,
        typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from(content),
      );
      return Promise.resolve();
    },
    remove: (gone) => {
      for (const file of gone) files.delete(file);
      return Promise.resolve();
    },
    list: (folder) =>
      Promise.resolve(
        [...files.keys()]
          .filter((file) => file.startsWith(`${folder}/`))
          .map((file) => file.slice(folder.length + 1)),
      ),
    ensureRoom: () => Promise.resolve(),
  };
}
