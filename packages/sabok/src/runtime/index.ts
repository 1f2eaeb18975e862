export { compile, type CompileOptions } from "./compile.ts";
export { createSession, type Feed, type RunOptions, type Session, type SessionOptions } from "./session.ts";
export { planGraph, type Plan, type PlanStep } from "./plan.ts";
