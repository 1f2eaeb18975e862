// `npm run lab [model]`: sets everything up, then serves the Lab.
import { run, setUp } from "./setUp.mjs";

try {
  setUp();
  process.exitCode = run(process.execPath, ["apps/cli/bin/sabok.mjs", "lab", ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
