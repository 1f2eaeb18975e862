// `npm start`: sets everything up, then runs the sabok command, by default a first training run.
//   npm start                      trains a small network on Fashion-MNIST into runs/first, anew each time
//   npm start -- predict …         runs that command instead
import { run, setUp } from "./setUp.mjs";

const firstRun = ["fit", "fashion-mnist", "--budget", "3M", "--out", "runs/first", "--force"];
const given = process.argv.slice(2);

try {
  setUp();
  process.exitCode = run(process.execPath, [
    "apps/cli/bin/sabok.mjs",
    ...(given.length > 0 ? given : firstRun),
  ]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
