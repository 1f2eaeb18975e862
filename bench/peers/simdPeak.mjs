// The register-only loop as a peer: 1e9/run time is the machine's peak at that moment.
import { fastestLoop } from "../lib/simdPeak.mjs";
import { serve } from "../lib/serve.mjs";

serve(async () => {
  const { fused, flops, run } = fastestLoop();
  return { version: `${fused ? "fused" : "multiply and add"}, Node ${process.versions.node}`, output: [flops], run };
});
