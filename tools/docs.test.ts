// The code in the documents runs, and each `expression; // value` in it has that value.
import { readFileSync, readdirSync, writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeExampleFiles } from "./exampleFiles.ts";
import { root } from "./setUp.mjs";

const folder = join(root, "tools/.docs-examples");
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The blocks that are whole modules: they import something. */
function examples(document: string): string[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code]) => code!)
    .filter((code) => /^import .* from "sabok/m.test(code));
}

beforeAll(() => writeExampleFiles(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const document of documents)
  for (const [i, code] of examples(document).entries())
    test(`example ${i + 1} of ${document} runs`, { timeout: 120_000 }, async () => {
      const file = join(folder, `${document.replace(/\W/g, "-")}-${i}.ts`);
      writeFileSync(file, code);
      const logged = vi.spyOn(console, "log").mockImplementation(() => {});
      await import(file);
      const printed = logged.mock.calls.map(([value]) => JSON.stringify(value));
      logged.mockRestore();
      const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, value]) =>
        JSON.stringify(JSON.parse(value!)),
      );
      expect(printed).toEqual(expected);
    });
