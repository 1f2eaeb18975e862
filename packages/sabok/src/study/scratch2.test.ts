import { test } from "vitest";
import { designs } from "./1.6/designs.ts";
import { consistencyThrough } from "./1.6/signal.ts";
test("x", { timeout: 600000 }, async () => {
  for (const d of designs.filter(d=>["plain","pre1","pre2","branch","original","after"].includes(d.name))) {
    const c = []; for (const m of [256,64,16]) c.push((await consistencyThrough(d, { depth: 32, width: Number(process.env["W"] ?? 128), seed: 1 }, m))[32]!.toFixed(3));
    console.log(d.name, c.join(" "));
  }
});
