import { test } from "vitest";
test("w", { timeout: 200000 }, async () => {
  const { chapter } = await import("./2.2/chapter.ts");
  for (const [name, p] of [
    [
      "big",
      {
        height: 128,
        width: 128,
        kernels: Array.from({ length: 128 }, (_, i) => i + 1).join(),
        "max-dilation": 127,
        "max-layers": 9,
        strides: "1,2,3,4,5,6,7,8",
      },
    ],
    ["default", {}],
  ] as const) {
    const t = performance.now();
    const { results, verdict } = await chapter.run(p);
    console.log(
      name,
      performance.now() - t,
      results["macsByDepth"],
      results["proved"],
      verdict.text.en,
      verdict.text.fa,
    );
  }
  const c = (await import("./6.2.3/chapter.ts")).chapter;
  let t = performance.now();
  await c.run({ channels: 32, trials: 1500, depth: 40, nets: 80 });
  console.log("6.2.3 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.3.2/chapter.ts")).chapter.run({ samples: 4000, channels: 64, bins: 64 });
  console.log("6.3.2 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.2.1/chapter.ts")).chapter.run({ size: 112, in: 320, out: 320, expansion: 10 });
  console.log("6.2.1 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.1.2/chapter.ts")).chapter.run({ in: 64, out: 128, kernel: 7, terms: 49 });
  console.log("6.1.2 worst", performance.now() - t);
  t = performance.now();
  await (
    await import("./6.1.3/chapter.ts")
  ).chapter.run({ in: 2048, out: 2048, kernel: 15, size: 512, terms: 32 });
  console.log("6.1.3 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.1.1/chapter.ts")).chapter.run({ in: 64, out: 128, kernel: 7, size: 32 });
  console.log("6.1.1 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.2.2/chapter.ts")).chapter.run({ channels: 32, trials: 20000, length: 64 });
  console.log("6.2.2 worst", performance.now() - t);
  t = performance.now();
  await (await import("./6.3.1/chapter.ts")).chapter.run({ channels: 24, size: 6, ratio: 1 });
  console.log("6.3.1 worst", performance.now() - t);
  t = performance.now();
  await (await import("./2.1/chapter.ts")).chapter.run({ layers: "64x32x1,64x32x1" });
  console.log("2.1 worst", performance.now() - t);
});
