import { test } from "vitest";
import { layerTable, countMacs, countParameters } from "../analysis/index.ts";
import { models, mobilenetFamily, parseBlockString } from "./models/index.ts";
import { chooseNetwork } from "../recipes/chooseNetwork.ts";
test("x", () => {
  for (const m of models) { const n = m.build(); const t= layerTable(n.graph); if (t.rows.reduce((a,r)=>a+r.macs,0)!==t.macs || t.rows.reduce((a,r)=>a+r.parameters,0)!== t.parameters) throw new Error(m.name); }
  const t = layerTable(mobilenetFamily({input:[1,28,28],classes:10,width:.5}).graph);
  for (const r of t.rows) console.log(r.name.padEnd(24), r.op.padEnd(44), r.shape.join("x").padEnd(12), r.parameters, r.macs);
  for (const input of [[1,28,28],[3,32,32],[3,96,96],[3,224,224]] as const)
  for (const budget of [3e5,1e6,3e6,5e6,1e7,3e7,1e8, 1e10]) { try { const t0=performance.now(); const c = chooseNetwork({budget, input, classes: 10}); console.log(input.join("x"), budget, c.width, c.depth.toFixed(2), c.macs, c.parameters, (performance.now()-t0).toFixed(0), c.blocks) } catch (e) { console.log((e as Error).message) } }
  for (const s of ["ir_r3_k5_s2_q6_c40", "ds_r1_k3_s1_c16, ir_r3_k5_s2_e6_c40_se0.25_nrx", "ds_c16\n ir_r2_k4_e6_c24", "xr_c3", "ir_r2_c24", "ir_e6_c24 stem_c16", "", "ir__e6", "ds_e3_c8","ir_e6_c24_c32","ir_e6_c", "stem_c16", "ir_e6_c24_noskp"]) try { parseBlockString(s); } catch (e) { console.log((e as Error).message); }
});
