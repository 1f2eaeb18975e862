// What the engine is to reach, and what the results say: ratios of medians of one run, the peer's time over ours.

/** @param {(group: string) => object | undefined} read */
export function targets(read) {
  const caseOf = (group, id) => read(group)?.cases[id]?.rows ?? [];
  const rowOf = (rows, peer, threads = 1) => rows.find((row) => row.peer === peer && row.threads === threads && !row.absent);
  const ratio = (rows, [peer, peerThreads], [own, threads]) => {
    const [there, here] = [rowOf(rows, peer, peerThreads), rowOf(rows, own, threads)];
    return there && here ? there.median / here.median : undefined;
  };
  /** On each Node: { 20: …, 24: … }, without those that `nodes` leaves out. */
  const onNodes = (measure, nodes = [20, 24]) =>
    Object.fromEntries(nodes.map((node) => [node, measure(node === 24 ? "sabok24" : "sabok")]));
  const threadsOf = (threads) => `${threads} thread${threads > 1 ? "s" : ""}`;
  const inference = (name, peer, threads, least) => ({
    what: `${name}, batch 1, ${threadsOf(threads)}`,
    against: { tfjs: "tfjs-wasm", ort: `onnxruntime-web` }[peer],
    least,
    measured: onNodes((own) => ratio(caseOf("inference", `${name}, batch 1`), [peer, threads], [own, threads])),
  });
  const mobile = "mobilenetv2-like, 32x32";
  const training = (name, peer, threads, least, nodes) => ({
    what: `training step, ${name}, ${threadsOf(threads)}`,
    against: { torch: "PyTorch eager", torchLast: "PyTorch channels_last", jax: "jax-js" }[peer],
    least,
    measured: onNodes((own) => ratio(caseOf("training", name), [peer, threads], [own, threads]), nodes),
  });
  const share = (ids, what, least) => ({
    what,
    against: "the SIMD peak; the worst of its cases",
    least,
    measured: onNodes((own) => {
      const shares = ids.flatMap((id) => rowOf(caseOf("operators", id), own)?.share ?? []);
      return shares.length > 0 ? Math.min(...shares) : undefined;
    }),
  });
  const gzip = (page, most) => {
    const size = caseOf("bundle", "pages").find((row) => row.page === page)?.written;
    return { what: `browser page, ${page}, every file of the build, KB gzip`, against: "", most, measured: { any: size && size / 1000 } };
  };
  const three = ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"];
  const batch8 = caseOf("inference", "mobilenet_v2, batch 8");
  return [
    ...three.map((name) => inference(name, "tfjs", 1, 1.6)),
    ...three.map((name) => inference(name, "ort", 1, 2.2)),
    ...three.map((name) => inference(name, "ort", 2, 2.0)),
    inference("resnet18", "tfjs", 1, 1.35),
    inference("resnet18", "ort", 1, 1.8),
    { what: "mobilenet_v2, batch 8, 2 threads", against: "ours, 1 thread", least: 1.8, measured: onNodes((own) => ratio(batch8, [own, 1], [own, 2])) },
    training(mobile, "torch", 1, 1.8, [24]),
    training(mobile, "torch", 2, 2.2, [24]),
    training(mobile, "torchLast", 1, 1.3, [24]),
    training(mobile, "torchLast", 2, 1.6, [24]),
    training(mobile, "torch", 1, 1.65, [20]),
    training(mobile, "torch", 2, 2.0, [20]),
    training("plain CNN, 32x32", "torch", 1, 0.6),
    training("plain CNN, 32x32", "jax", 1, 50),
    training(mobile, "jax", 1, 50),
    share(["pointwise 512→512@14", "pointwise 960→160@7"], "pointwise forward, wide", 0.9),
    share(["depthwise 3x3 s1 144@56", "depthwise 3x3 s1 512@14"], "depthwise 3x3, stride 1", 0.7),
    share(["depthwise 3x3 s2 144@56", "depthwise 3x3 s2 512@14"], "depthwise 3x3, stride 2", 0.55),
    share(["depthwise 5x5 s1 672@14"], "depthwise 5x5", 0.55),
    share(["weight gradient 512→512@14, batch 32", "input gradient 512→512@14, batch 32"], "weight and input gradients, wide pointwise", 0.85),
    { what: "cold start to the first MobileNetV2 result", against: "tfjs-wasm", least: 2, measured: { 20: ratio(caseOf("coldStart", "mobilenet_v2"), ["tfjs", 1], ["sabok", 1]) } },
    { what: "cold start from model.onnx to the first MobileNetV2 result", against: "tfjs-wasm", least: 0.67, measured: { 20: ratio(caseOf("coldStart", "mobilenet_v2"), ["tfjs", 1], ["sabokOnnx", 1]) } },
    gzip("inference", 80),
    gzip("training", 120),
  ];
}
