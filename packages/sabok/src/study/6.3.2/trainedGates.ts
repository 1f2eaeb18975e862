// Trained networks that differ in r only: accuracy against cost, and what their gates do and say about the label.
import { rankOf, tensor, type Random } from "../../core/index.ts";
import { countMacs, countParameters } from "../../analysis/index.ts";
import { makeGraph } from "../../graph/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext, Series, Table } from "../chapter.ts";
import { meanOf, varianceOf } from "../draw.ts";
import { asSamples, labelInformation, permutationNull } from "../information.ts";
import {
  familyImages,
  familyNetwork,
  squeezedChannels,
  trainedMember,
  trainedRatios,
} from "../mobileFamily.ts";
import { symbol } from "../words.ts";
import { gateOf } from "../6.3.1/gate.ts";

const imagesUsed = 400;

const accuracyAxes = {
  x: trainedRatios,
  xLabel: { en: "reduction ratio r", fa: "نسبت کاهش r" },
  yLabel: { en: "test accuracy", fa: "دقت آزمون" },
  unit: "",
  figure: "accuracy",
  logX: true,
} as const;

/** The gates of block 1 of the trained networks: rank, variance, and what they say about the label, beside a permutation null. */
export async function trainedGates(context: ChapterContext, random: Random) {
  const images = await familyImages(context, imagesUsed);
  const none = await trainedMember(context, "t4");
  if (!images || !none) return undefined;
  const rows: {
    r: number;
    accuracy: number;
    parameters: number;
    macs: number;
    rank: number;
    bound: number;
    deviation: number;
    information: number;
    /** Of half of the images: an estimate that goes on rising with their number would mean nothing. */
    half: number;
    null: number;
  }[] = [];
  for (const ratio of trainedRatios) {
    const member = await trainedMember(context, `r${ratio}`);
    if (!member) return undefined;
    const trainingGraph = familyNetwork({ ratio }).graph;
    const graph = withBatch(toInference(trainingGraph), imagesUsed);
    const block = graph.values.find(({ op, name }) => op === "mul" && name === "blocks.1.se")!;
    const { scale, logits } = gateOf(block);
    const session = await createSession(makeGraph({ inputs: graph.inputs, outputs: { scale, logits } }));
    session.setStates(member.states);
    const found = await session.run({ image: images.images });
    session.close();
    const channels = scale.type.shape[1]!;
    const bias = member.states.get("blocks.1.se.fc2.bias")!.data;
    const centred = Float64Array.from(found["logits"]!.data, (value, at) => value - bias[at % channels]!);
    const column = (c: number): number[] =>
      Array.from({ length: imagesUsed }, (_, i) => found["scale"]!.data[i * channels + c]!);
    // Single gates only: estimates of many dimensions mean nothing.
    const gates = Array.from({ length: 4 }, (_, i) => column(Math.floor((i * channels) / 4)));
    const estimate = (labels: readonly number[]): number =>
      meanOf(gates.map((gate) => labelInformation(asSamples(gate.slice(0, labels.length)), labels)));
    const nothing = permutationNull(images.labels, estimate, { random, times: 3 });
    rows.push({
      r: ratio,
      accuracy: member.accuracy,
      parameters: countParameters(trainingGraph),
      macs: countMacs(trainingGraph),
      rank: rankOf(tensor([imagesUsed, channels], centred), 1e-5),
      bound: squeezedChannels(channels, ratio),
      deviation: Math.sqrt(meanOf(Array.from({ length: channels }, (_, c) => varianceOf(column(c))))),
      information: estimate(images.labels),
      half: estimate(images.labels.slice(0, imagesUsed / 2)),
      null: nothing.largest,
    });
  }
  const errorOfAccuracy = Math.sqrt((none.accuracy * (1 - none.accuracy)) / 2000);
  return {
    results: {
      trainedRatios: [...trainedRatios],
      trainedRanks: rows.map(({ rank }) => rank),
      trainedRankBounds: rows.map(({ bound }) => bound),
      trainedAccuracies: rows.map(({ accuracy }) => accuracy),
      trainedAccuracyWithout: none.accuracy,
      trainedAccuracyError: errorOfAccuracy,
      trainedParameters: rows.map(({ parameters }) => parameters),
      trainedMacs: rows.map(({ macs }) => macs),
      trainedGateInformation: rows.map(({ information }) => information),
      trainedGateInformationHalf: rows.map(({ half }) => half),
      trainedGateNull: rows.map((row) => row.null),
    },
    series: [
      {
        name: { en: "with gates", fa: "با دروازه" },
        y: rows.map(({ accuracy }) => accuracy),
        ...accuracyAxes,
      },
      { name: { en: "without", fa: "بدون دروازه" }, y: rows.map(() => none.accuracy), ...accuracyAxes },
    ] satisfies Series[],
    tables: [
      {
        title: {
          en: "Trained networks that differ in r only: accuracy and cost",
          fa: "شبکه‌های آموزش‌دیده که فقط در r فرق دارند: دقت و هزینه",
        },
        columns: [
          symbol("r"),
          { en: "test accuracy", fa: "دقت آزمون" },
          { en: "parameters", fa: "پارامترها" },
          { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
        ],
        rows: [
          [
            { en: "none", fa: "بدون" },
            none.accuracy,
            countParameters(familyNetwork().graph),
            countMacs(familyNetwork().graph),
          ],
          ...rows.map(({ r, accuracy, parameters, macs }) => [r, accuracy, parameters, macs]),
        ],
      },
      {
        title: {
          en: "Their gates: rank, and what one of them says about the label (nats)",
          fa: "دروازه‌های آن‌ها: رتبه، و آنچه یک دروازه دربارهٔ برچسب می‌گوید (nat)",
        },
        columns: [
          symbol("r"),
          { en: "rank of the logits", fa: "رتبهٔ لوجیت‌ها" },
          symbol("C/r"),
          { en: "deviation of a gate", fa: "انحراف معیار دروازه" },
          { en: "information", fa: "اطلاعات" },
          { en: "of half the images", fa: "با نیمی از تصویرها" },
          { en: "largest when shuffled", fa: "بیشینه پس از بُرزدن" },
        ],
        rows: rows.map((row) => [
          row.r,
          row.rank,
          row.bound,
          row.deviation,
          row.information,
          row.half,
          row.null,
        ]),
      },
    ] satisfies Table[],
  };
}
