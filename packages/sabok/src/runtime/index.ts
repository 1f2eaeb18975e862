export { compile, type CompileOptions } from "./compile.ts";
export { createSession, type Feed, type RunOptions, type Session, type SessionOptions } from "./session.ts";
export { planGraph, type Plan, type PlanStep } from "./plan.ts";
export { bandwidthAt, measurePeaks, type Peaks } from "./peaks.ts";
export { judge, profile, type Bound, type Profile, type Spread, type StepProfile } from "./profile.ts";
