// Node alone.
import { cpuMilliseconds } from "./cpuMilliseconds.mjs";

process.stdout.write(`0 ${cpuMilliseconds()}\n`);
