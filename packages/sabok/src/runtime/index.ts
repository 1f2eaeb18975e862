export { compile, type CompileOptions } from "./compile.ts";
export { createSession, type Feed, type RunOptions, type Session, type SessionOptions } from "./session.ts";
export { planGraph, type Plan, type PlanStep } from "./plan.ts";
export { measurePeaks, type Peaks } from "./peaks.ts";
export { profile, type Bound, type Profile, type Spread, type StepProfile } from "./profile.ts";
