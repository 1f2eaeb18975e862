// The inside of a peer's process: answers lines of JSON on stdin with lines of JSON on stdout.
//   { "load": { folder, threads, … } } → { version, output }    the output of the first run, to be compared
//   { "run": n } → { times, cpu }                               milliseconds of each of n runs, and processor time of one;
//                                                               accuracy after the last of them, where there is such a thing
import { createInterface } from "node:readline";

/** @param {(options: object) => Promise<{ version: string, output: number[], run(): unknown, accuracy?(): Promise<number> }>} load */
export function serve(load) {
  let loaded;
  const answer = async (message) => {
    if (message.load) {
      loaded = await load(message.load);
      return { version: loaded.version, output: loaded.output };
    }
    const times = [];
    const before = process.cpuUsage();
    for (let i = 0; i < message.run; i++) {
      const begun = performance.now();
      await loaded.run();
      times.push(performance.now() - begun);
    }
    const { user, system } = process.cpuUsage(before);
    return { times, cpu: (user + system) / 1000 / message.run, accuracy: await loaded.accuracy?.() };
  };
  // What a library prints must not come between the lines.
  const say = process.stdout.write.bind(process.stdout);
  for (const method of ["log", "info", "warn", "debug"]) console[method] = () => {};
  createInterface({ input: process.stdin })
    .on("line", async (line) => {
      const message = await answer(JSON.parse(line)).catch((error) => ({ error: `${error?.message ?? error}`.split("\n")[0] }));
      say(`${JSON.stringify(message)}\n`);
    })
    .on("close", () => process.exit(0));
}
