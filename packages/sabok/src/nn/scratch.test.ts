import { test } from "vitest";
import { layerTable, countMacs, countParameters } from "../analysis/index.ts";
import { models, mobilenetFamily, mobilenetFamilyBlocks } from "./models/index.ts";
test("x", () => {
  for (const m of models) { const t0 = performance.now(); const n = m.build(); const t1 = performance.now(); const n96 = countMacs(m.build({input:[3,96,96]}).graph); console.log(m.name, countParameters(n.graph), countMacs(n.graph), n96, "28:", countMacs(m.build({input:[1,28,28], strides:"fitted"}).graph), (t1-t0).toFixed(1)); }
  for (const input of [[1,28,28],[3,32,32],[3,64,64],[3,96,96],[3,224,224]] as const) for (const [w,d] of [[.25,.33],[.25,.5],[.5,.67],[.5,1],[.75,1],[1,1],[1.5,1.3],[2,1.5]]) { const n = mobilenetFamily({input, classes:10, width:w!, depth:d!}); console.log(input.join(), w,d, countMacs(n.graph), countParameters(n.graph)); }
  console.log(mobilenetFamilyBlocks({input:[1,28,28],width:.5}));
  const t = layerTable(mobilenetFamily({input:[1,28,28],classes:10,width:.5}).graph);
  for (const r of t.rows) console.log(r.name.padEnd(24), r.op.padEnd(44), r.shape.join("x").padEnd(12), r.parameters, r.macs);
  console.log(t.rows.reduce((a,r)=>a+r.macs,0), t.macs, t.rows.reduce((a,r)=>a+r.parameters,0), t.parameters);
});
