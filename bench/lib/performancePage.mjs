// The tables of docs/performance.md, each between <!-- bench:name --> and <!-- /bench -->, from bench/results/*.json.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { targets } from "./targets.mjs";

const page = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
const nameOf = ({ label, version }) => (version ? `${label} (${version})` : label);

/** A row of a result as a line of the terminal. */
export function formatRow(unit, row) {
  const name = `${nameOf(row)}${row.threads > 1 ? `, ${row.threads} threads` : ""}`.padEnd(52);
  if (row.absent) return `${name} skipped: ${row.absent}`;
  if (unit === "gzip") return `${name} ${kilobytes(row.gzip)} gzip, ${kilobytes(row.bytes)} plain; all that was written ${kilobytes(row.written)} gzip`;
  if (unit === "s") return `${name} ${number(row.seconds)} s, ${row.epochs} epochs to ${(100 * row.accuracy).toFixed(1)} %`;
  if (unit === "MiB") return `${name} step ${row.step}: ${row.resident} MiB resident, ${row.heap} MiB heap`;
  if (unit === "GFLOP/s") return `${name} ${number(row.gflops).padStart(6)} GFLOP/s, ${(100 * row.share).toFixed(0)} % of ${number(row.peak)}; by the clock ${number(row.wallGflops)}`;
  return `${name} ${number(row.median).padStart(6)} ms (${number(row.min)} to ${number(row.max)}, ${row.runs} runs${row.cpu ? `; processor time ${number(row.cpu)}` : ""})`;
}

/** The first columns are words, the others numbers. */
const table = (head, rows, words = 1) =>
  [head, head.map((_, i) => (i < words ? "---" : "---:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A row a peer; the columns are the numbers of threads, each with the ratio to sabok on as many. */
function timeTable({ cases }) {
  const threads = [...new Set(Object.values(cases).flatMap(({ rows }) => rows.map((row) => row.threads)))].sort((a, b) => a - b);
  const head = ["", "peer", ...threads.flatMap((count) => [`${count} thread${count > 1 ? "s" : ""}, ms`, "/ sabok"])];
  const lines = Object.entries(cases).flatMap(([id, { rows }]) => {
    const names = [...new Set(rows.filter(({ absent }) => !absent).map(nameOf))];
    return names.map((name, i) => {
      const cells = threads.flatMap((count) => {
        const row = rows.find((candidate) => nameOf(candidate) === name && candidate.threads === count && !candidate.absent);
        const own = rows.find(({ peer, threads: own }) => peer === "sabok" && own === count);
        if (!row) return ["", ""];
        return [`${number(row.median)} (${number(row.min)} to ${number(row.max)})`, own?.median ? number(row.median / own.median) : ""];
      });
      return [i === 0 ? id : "", name, ...cells];
    });
  });
  return table(head, lines, 2);
}

/** Of a process from its start: by the clock, and by the processor time of its threads, which other work does not add to. */
function startTable({ cases }) {
  const [rows] = Object.values(cases).map(({ rows }) => rows.filter(({ absent }) => !absent));
  const own = rows.find(({ peer }) => peer === "sabok");
  const lines = rows.map((row) => [
    nameOf(row),
    `${number(row.median)} (${number(row.min)} to ${number(row.max)})`,
    number(row.median / own.median),
    row.cpu === undefined ? "" : number(row.cpu),
    row.cpu === undefined ? "" : number(row.cpu / own.cpu),
  ]);
  return table(["peer", "by the clock, ms", "/ sabok", "processor time, ms", "/ sabok"], lines);
}

/** Seconds of training until the goal was reached. */
function accuracyTable({ cases }) {
  const [rows] = Object.values(cases).map(({ rows }) => rows.filter(({ absent }) => !absent));
  const lines = rows.map((row) => {
    const own = rows.find(({ peer, threads }) => peer === "sabok" && threads === row.threads);
    return [nameOf(row), row.threads, row.epochs, `${(100 * row.accuracy).toFixed(1)} %`, number(row.seconds), own ? number(row.seconds / own.seconds) : ""];
  });
  return table(["peer", "threads", "epochs", "accuracy", "s", "/ sabok"], lines);
}

function threadTable({ cases }) {
  const threads = [...new Set(Object.values(cases).flatMap(({ rows }) => rows.map((row) => row.threads)))];
  const head = ["ms, and how many times as fast as on one", ...threads.map((count) => `${count} thread${count > 1 ? "s" : ""}`)];
  const lines = Object.entries(cases).map(([id, { rows }]) => [
    id,
    ...rows.map(({ median, absent }) => (absent ? absent : `${number(median)} (${number(rows[0].median / median)})`)),
  ]);
  return table(head, lines);
}

function rateTable({ cases }) {
  const peers = [...new Map(Object.values(cases).flatMap(({ rows }) => rows.filter(({ absent }) => !absent).map((row) => [row.peer, nameOf(row)])))];
  const head = ["GFLOP/s, and share of the peak", "peak", ...peers.map(([, name]) => name)];
  const lines = Object.entries(cases).map(([id, { rows }]) => [
    id,
    number(rows[0].peak),
    ...peers.map(([peer]) => {
      const row = rows.find((candidate) => candidate.peer === peer);
      if (!row || row.absent) return "";
      const share = (100 * row.gflops) / (row.peak ?? rows[0].peak);
      return `${number(row.gflops)} (${share.toFixed(0)} %)`;
    }),
  ]);
  return table(head, lines);
}

function sizeTable({ cases }) {
  const lines = Object.values(cases).flatMap(({ rows }) =>
    rows.filter(({ absent }) => !absent).map(({ label, gzip, bytes, written }) => [label, kilobytes(gzip), kilobytes(bytes), kilobytes(written)]),
  );
  return table(["page", "downloaded, gzip", "plain", "written, gzip"], lines);
}

function memoryTable({ cases }) {
  const [{ rows }] = Object.values(cases);
  const { plan, growth } = rows[0];
  const lines = rows.map(({ step, resident, heap }) => [step.toLocaleString("en"), String(resident), String(heap)]);
  return `${table(["step", "resident, MiB", "JavaScript heap, MiB"], lines)}\n\nArena ${plan.arena} MiB (no plan can need less than ${plan.lowerBound}); growth of the resident memory over the second half: ${growth} MiB.`;
}

const tables = { ms: timeTable, "GFLOP/s": rateTable, gzip: sizeTable, MiB: memoryTable };

/** What was measured, on what, when, by which command; and who was skipped. */
function provenance({ cases }) {
  const all = Object.values(cases);
  const seen = (pick) => [...new Set(all.map(pick))].join("; ");
  const loads = all.flatMap(({ load }) => load);
  const skipped = new Set(all.flatMap(({ rows }) => rows.flatMap(({ absent, label }) => (absent ? [`${label}: ${absent}`] : []))));
  return [
    `${seen(({ machine: { cpu, cores, system } }) => `${cpu}, ${cores} cores, ${system}`)}; Node ${seen(({ node }) => node)}; ` +
      `${seen(({ date }) => date)}; load average ${Math.min(...loads)} to ${Math.max(...loads)}. \`${seen(({ command }) => command)}\``,
    ...(skipped.size > 0 ? [`Not timed: ${[...skipped].join("; ")}.`] : []),
  ].join("\n\n");
}

export function writePerformancePage(results) {
  if (!existsSync(page)) return;
  const read = (name) => (existsSync(`${results}${name}.json`) ? JSON.parse(readFileSync(`${results}${name}.json`, "utf8")) : undefined);
  const text = readFileSync(page, "utf8").replaceAll(/<!-- bench:(\w+) -->\n[^]*?<!-- \/bench -->/g, (whole, name) => {
    const content = name === "targets" ? targetTable(read) : groupSection(read(name));
    return content === undefined ? whole : `<!-- bench:${name} -->\n${content}\n<!-- /bench -->`;
  });
  writeFileSync(page, text);
}

function groupSection(result) {
  if (!result || Object.keys(result.cases).length === 0) return undefined;
  const make = { threads: threadTable, coldStart: startTable, accuracy: accuracyTable }[result.group] ?? tables[result.unit];
  return `${make(result)}\n\n${provenance(result)}`;
}

function targetTable(read) {
  const lines = targets(read).map(({ what, against, least, measured, most }) => {
    const reaches = (value) => (most === undefined ? value >= least : value <= most);
    const cell = (value) => (value === undefined ? "" : reaches(value) ? `${number(value)} ✓` : number(value));
    const { any, 20: older, 24: newer } = measured;
    const known = [any, older, newer].filter((value) => value !== undefined);
    const verdict = known.length === 0 ? "not measured" : known.every(reaches) ? "yes" : known.some(reaches) ? "in part" : "**no**";
    return [what, against, most === undefined ? `≥ ${least}` : `≤ ${most}`, cell(any ?? older), cell(newer), verdict];
  });
  return table(["", "against", "target", "Node 20", "Node 24", "reached"], lines, 2);
}
