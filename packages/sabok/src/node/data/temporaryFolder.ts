// A folder for one test file, gone when its tests are done.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A new empty folder, removed after the tests of the file that asks for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sabok-data-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
