// The time of one run of a network as it is shipped: norms folded, activations fused, one image, one thread.
import { sizeOf } from "../../core/index.ts";
import { shapeOf } from "../../graph/index.ts";
import type { Network } from "../../nn/index.ts";
import { compile } from "../../runtime/index.ts";

/** The shortest of `runs` runs, in milliseconds: other work on the machine only adds. As many runs as fit 20 ms come before. */
export async function measureLatency(net: Network, runs = 200): Promise<number> {
  const session = await compile(net);
  const image = new Float32Array(sizeOf(shapeOf(session.graph.inputs["image"]!)));
  for (const begun = performance.now(); performance.now() - begun < 20;) await session.run({ image });
  let shortest = Infinity;
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    await session.run({ image });
    shortest = Math.min(shortest, performance.now() - begun);
  }
  session.close();
  return shortest;
}
