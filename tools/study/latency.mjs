// Measures the blocks of the study's search space (chapter 6.4.1) with the engine on one thread and writes the table to
// packages/sabok/src/study/6.4.1/latencyTable.ts, with a few whole chains beside the sums of their blocks. Under a minute.
//
//   node tools/study/latency.mjs
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { openSources } from "./sources.mjs";

const { load, close } = await openSources();
const { places, choicesAt, choiceName, chainNetwork } = await load("study/6.4.1/searchSpace.ts");
const { measureLatency } = await load("study/6.4.1/measureLatency.ts");

// Rounds apart in time, and the shortest of them: other work on the machine only adds.
const rounds = 6;
const table = places.map((at) => choicesAt(at).map(({ expansion }) => (expansion === 0 ? 0 : Infinity)));
const chains = [0, 2, 5, 4].map((chosen) => ({
  chosen: places.map(() => chosen),
  sum: 0,
  measured: Infinity,
}));
for (let round = 1; round <= rounds; round++) {
  for (const [place, at] of places.entries())
    for (const [i, choice] of choicesAt(at).entries())
      if (choice.expansion > 0)
        table[place][i] = Math.min(
          table[place][i],
          rounded(await measureLatency(chainNetwork([choice], place))),
        );
  for (const chain of chains) {
    const choices = places.map((at, place) => choicesAt(at)[chain.chosen[place]]);
    chain.measured = Math.min(chain.measured, rounded(await measureLatency(chainNetwork(choices))));
  }
  console.log(`round ${round} of ${rounds}`);
}
for (const chain of chains)
  chain.sum = rounded(table.reduce((total, row, place) => total + row[chain.chosen[place]], 0));
for (const [place, at] of places.entries())
  console.log(
    `place ${place + 1}: ${choicesAt(at)
      .map((choice, i) => `${choiceName(choice)} ${table[place][i]}`)
      .join(", ")} ms`,
  );
console.log(chains);

writeFileSync(
  new URL("../../packages/sabok/src/study/6.4.1/latencyTable.ts", import.meta.url),
  `// Made by tools/study/latency.mjs: milliseconds of each block of the search space, alone, one image, one thread.

/** What they were measured on. */
export const measuredOn = ${JSON.stringify(`${cpus()[0].model.trim()}, wasm, 1 thread`)};

/** By place, then in the order of choicesAt. */
export const latencyTable: readonly (readonly number[])[] = ${JSON.stringify(table)};

/** Whole chains by the number of the choice at each place: the sum of their blocks and what they take. */
export const measuredChains: readonly {
  readonly chosen: readonly number[];
  readonly sum: number;
  readonly measured: number;
}[] = ${JSON.stringify(chains)};
`,
);
await close();

function rounded(milliseconds) {
  return Number(milliseconds.toFixed(4));
}
