// `npm run check`: format, lint, types, rooms and unit tests; all of them, even when one fails.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, run } from "./setUp.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number, broken: string[] }} Tally */

const steps = [
  { name: "format", script: "node_modules/oxfmt/bin/oxfmt", args: ["--check"] },
  { name: "lint", script: "node_modules/oxlint/bin/oxlint", args: [] },
  { name: "types", script: "node_modules/@typescript/native/bin/tsc", args: ["--noEmit"] },
  {
    name: "rooms",
    script: "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", ".dependency-cruiser.mjs", "packages/sabok/src", "apps"],
  },
];

/** @param {string} name */
const heading = (name) => console.log(`\n── ${name} ──`);

/**
 * Runs one Vitest project and counts its tests. What fails outside a test (a file that does not load, an
 * unhandled error) counts as one failure each.
 * @param {string} project @param {Tally} tally
 */
export function runTests(project, tally) {
  heading(`${project} tests`);
  const report = join(root, "test-results", `${project}.json`);
  mkdirSync(join(root, "test-results"), { recursive: true });
  rmSync(report, { force: true });
  const options = ["--project", project, "--passWithNoTests", "--reporter", "default", "--reporter", "json"];
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...options, `--outputFile.json=${report}`];
  const code = run(process.execPath, vitest);
  let failed = 0;
  if (existsSync(report)) {
    const results = JSON.parse(readFileSync(report, "utf8"));
    failed = results.numFailedTests;
    for (const file of results.testResults) {
      /** @type {{ status: string }[]} */
      const tests = file.assertionResults;
      if (file.status === "failed" && !tests.some((test) => test.status === "failed")) failed++;
    }
    tally.passed += results.numPassedTests;
    tally.skipped += results.numPendingTests + results.numTodoTests;
  }
  if (code !== 0 && failed === 0) failed = 1;
  if (failed > 0) tally.broken.push(`${project} tests`);
  tally.failed += failed;
}

/** Runs every step of the check. @param {Tally} tally */
export function runCheck(tally) {
  for (const { name, script, args } of steps) {
    heading(name);
    if (run(process.execPath, [script, ...args]) === 0) continue;
    tally.failed++;
    tally.broken.push(name);
  }
  runTests("unit", tally);
}

/** Prints what failed, then the counts, alone on the last line; sets the exit code. @param {Tally} tally */
export function report({ passed, failed, skipped, broken }) {
  console.log(broken.length > 0 ? `\nFailed: ${broken.join(", ")}` : "");
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** @returns {Tally} */
export const emptyTally = () => ({ passed: 0, failed: 0, skipped: 0, broken: [] });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tally = emptyTally();
  runCheck(tally);
  report(tally);
}
