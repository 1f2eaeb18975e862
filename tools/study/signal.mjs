// Runs the signal and gradient of chapter 1.6 at the size of its test vector (64 blocks, width and batch 512, the mean of three seeds) and
// prints them beside the theory; the chapter's tests run a smaller size. Five to ten minutes.
//
//   node tools/study/signal.mjs [names such as pre1 plain; default all]
import { openSources } from "./sources.mjs";

const { load, close } = await openSources();
const { designs } = await load("study/1.6/designs.ts");
const { signalThrough } = await load("study/1.6/signal.ts");

const seeds = [1, 2, 3];
const asked = process.argv.slice(2);
for (const design of designs.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const found = [];
  for (const seed of seeds)
    found.push(await signalThrough(design, { depth: 64, width: 512, batch: 512, seed }));
  const mean = (of) => found.reduce((sum, each) => sum + of(each), 0) / seeds.length;
  console.log(
    `${design.name}: E x² ${mean(({ secondMoments }) => secondMoments.at(-1)).toPrecision(4)}, E x ${mean(({ means }) => means.at(-1)).toPrecision(4)}, ` +
      `squared gradient ${mean(({ gradients }) => gradients[0]).toPrecision(4)} (theory ${design.gradientRatio(64)?.toPrecision(4) ?? "none"})`,
  );
}
await close();
