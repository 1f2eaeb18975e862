// The same conformance with fused multiply-add. Node 20 knows relaxed SIMD behind a flag; newer engines have it anyway.
import { setFlagsFromString } from "node:v8";
import { expect, test, vi } from "vitest";

// There the timing would rightly prefer the other build.
vi.mock("../backends/wasm/fasterLevel.ts", () => ({ fasterLevel: async () => "relaxed-simd" }));
setFlagsFromString("--experimental-wasm-relaxed-simd");

test("runs the relaxed build", async () => {
  const { createSession } = await import("./session.ts");
  const { GraphBuilder } = await import("../graph/index.ts");
  const g = new GraphBuilder();
  const session = await createSession(g.finish({ y: g.input("x", [4]) }));
  expect(session.simd).toBe("relaxed-simd");
});

await import("./conformance.test.ts");
await import("./nonFinite.test.ts");
