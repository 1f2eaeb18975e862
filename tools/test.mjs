// `npm test`: sets everything up, checks everything, then tests in the browser. The last line is the count.
import { emptyTally, report, runCheck, runTests } from "./check.mjs";
import { setUp } from "./setUp.mjs";

const tally = emptyTally();
try {
  setUp();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  tally.failed++;
  tally.broken.push("set-up");
}
runCheck(tally);
runTests("browser", tally);
report(tally);
