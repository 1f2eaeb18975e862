// A folder for one test file, gone when its tests are done.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder, removed by what is handed to `atEnd` (vitest's `afterAll`). */
export function temporaryFolder(atEnd: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "sabok-data-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
