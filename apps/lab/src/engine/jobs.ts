// The worker's table of jobs. Each is loaded when it is first called, so that the first view carries only its own.

/** Name to loader. A job's request, result and progress types are read off its function. */
export const jobs = {
  describeNetwork: async () => (await import("./jobs/describeNetwork.ts")).describeNetwork,
  inspectNetwork: async () => (await import("./jobs/inspectNetwork.ts")).inspectNetwork,
  layoutNetwork: async () => (await import("./jobs/layoutNetwork.ts")).layoutNetwork,
  listModels: async () => (await import("./jobs/listModels.ts")).listModels,
  lookAtLayer: async () => (await import("./jobs/lookAtLayer.ts")).lookAtLayer,
  networkSignal: async () => (await import("./jobs/networkSignal.ts")).networkSignal,
  readNetworkFile: async () => (await import("./jobs/readNetworkFile.ts")).readNetworkFile,
  convolve: async () => (await import("./jobs/convolve.ts")).convolve,
  convolveLinks: async () => (await import("./jobs/convolve.ts")).convolveLinks,
  convolveRegions: async () => (await import("./jobs/convolveRegions.ts")).convolveRegions,
  design: async () => (await import("./jobs/design.ts")).design,
  stopDesign: async () => (await import("./jobs/design.ts")).stopDesign,
  designRemedies: async () => (await import("./jobs/designRemedies.ts")).designRemedies,
  train: async () => (await import("./jobs/train.ts")).train,
  trainSteer: async () => (await import("./jobs/trainSteer.ts")).trainSteer,
  studyChapters: async () => (await import("./jobs/study.ts")).studyChapters,
  studyRun: async () => (await import("./jobs/study.ts")).studyRun,
  studyFile: async () => (await import("./jobs/study.ts")).studyFile,
} as const;

export type Jobs = typeof jobs;
export type JobName = keyof Jobs;

type JobOf<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>;
/** What `call(name, request)` takes. */
export type RequestOf<Name extends JobName> = Parameters<JobOf<Name>>[0];
/** What `call(name, request)` resolves to. */
export type ResultOf<Name extends JobName> = Awaited<ReturnType<JobOf<Name>>>;
/** What `onProgress` is told. */
export type ProgressOf<Name extends JobName> = Parameters<Parameters<JobOf<Name>>[1]["progress"]>[0];
