export { interpret, type ReferenceRun } from "./interpret.ts";
