// Takes a folder, or files: by drop, through the two choosers, and by keyboard. The browser walks dropped folders only
// through their entries.
import { useRef, useState } from "preact/hooks";
import { Button } from "../../shared/controls.tsx";
import { useWords } from "../../shared/words.ts";
import type { NamedFile } from "../../engine/jobs/trainDropped.ts";
import { trainWords } from "./words.ts";

export interface FolderZoneProps {
  readonly onFiles: (files: readonly NamedFile<File>[]) => void;
}

export function FolderZone({ onFiles }: FolderZoneProps) {
  const words = useWords(trainWords);
  const [over, setOver] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null): void => {
    const given = [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    if (given.length > 0) onFiles(given);
  };
  const chooser = (ref: typeof folder, name: string, wholeFolder: boolean) => (
    <input
      ref={ref}
      type="file"
      class="unseen"
      tabIndex={-1}
      aria-label={name}
      multiple
      {...(wholeFolder ? { webkitdirectory: true } : {})}
      onChange={(event) => {
        take(event.currentTarget.files);
        event.currentTarget.value = "";
      }}
    />
  );
  return (
    <div
      class={`drop folder ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer)
          void readDropped(event.dataTransfer).then((found) => found.length > 0 && onFiles(found));
      }}
    >
      <p>{words.drop}</p>
      <div class="actions">
        <Button icon="upload" onClick={() => folder.current?.click()}>
          {words.chooseFolder}
        </Button>
        <Button kind="bare" onClick={() => files.current?.click()}>
          {words.chooseFiles}
        </Button>
      </div>
      {chooser(folder, words.chooseFolder, true)}
      {chooser(files, words.chooseFiles, false)}
    </div>
  );
}

/** Everything that was dropped, with folders walked through. The entries must be taken before the event is over. */
async function readDropped({ items }: DataTransfer): Promise<NamedFile<File>[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(readEntry))).flat();
}

async function readEntry(entry: FileSystemEntry): Promise<NamedFile<File>[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: NamedFile<File>[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(readEntry))).flat());
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
