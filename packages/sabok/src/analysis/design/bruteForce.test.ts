// The solver against enumeration of every stack, with sides simulated layer by layer and coverage from the pixels themselves.
import { expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { design } from "./design.ts";
import type { Design, NoDesign } from "./designResult.ts";
import type { DesignOptions } from "./problem.ts";
import type { ConvolutionLayer } from "./stack.ts";

type Question = Required<Omit<DesignOptions, "channels">> & { readonly channels: readonly number[] };

interface Stack {
  readonly layers: readonly ConvolutionLayer[];
  readonly sides: readonly [number, number];
  /** Offsets seen along an axis, as bits. */
  readonly support: bigint;
  readonly field: number;
  readonly jump: number;
  readonly macs: number;
}

/** Every stack of 1 to `layers[1]` layers that keeps all rules but the threshold. */
function everyStack(question: Question): Stack[][] {
  const { input, kernels, maxDilation, strides, minOutput, channels, cost, coverage, layers } = question;
  const whole = (support: bigint, field: number): boolean => support === (1n << BigInt(field)) - 1n;
  let level: Stack[] = [{ layers: [], sides: [input[0], input[1]], support: 1n, field: 1, jump: 1, macs: 0 }];
  const levels: Stack[][] = [];
  for (let depth = 1; depth <= layers[1]; depth++) {
    const next: Stack[] = [];
    for (const stack of level)
      for (const kernel of kernels)
        for (let dilation = 1; dilation <= maxDilation; dilation++)
          for (const stride of strides) {
            if (coverage !== "none" && stride > kernel) continue;
            const window = dilation * (kernel - 1) + 1;
            const side = (size: number): number =>
              cost === "same"
                ? Math.ceil(size / stride)
                : size < window
                  ? 0
                  : Math.floor((size - window) / stride) + 1;
            const sides = [side(stack.sides[0]), side(stack.sides[1])] as const;
            if (Math.min(...sides) < 1) continue;
            let support = 0n;
            for (let tap = 0; tap < kernel; tap++)
              support |= stack.support << BigInt(tap * dilation * stack.jump);
            const field = stack.field + (window - 1) * stack.jump;
            if (coverage === "prefix" && !whole(support, field)) continue;
            const macs =
              stack.macs + channels[depth - 1]! * channels[depth]! * kernel * kernel * sides[0] * sides[1];
            next.push({
              layers: [...stack.layers, { kernel, dilation, stride }],
              sides,
              support,
              field,
              jump: stack.jump * stride,
              macs,
            });
          }
    levels.push(
      next.filter(
        ({ sides, support, field }) =>
          Math.min(...sides) >= minOutput && (coverage !== "final" || whole(support, field)),
      ),
    );
    level = next;
  }
  return levels;
}

/** In whole hundredths, so that nothing is rounded. */
function isEnough({ input: [height, width], measure, threshold, strict }: Question, field: number): boolean {
  const [rows, columns] = [Math.min(field, height), Math.min(field, width)];
  const hundredths = Math.round(100 * threshold);
  const above = (part: number, of: number): boolean =>
    strict ? 100 * part > hundredths * of : 100 * part >= hundredths * of;
  if (measure === "area") return above(rows * columns, height * width);
  return (measure === "w" || above(rows, height)) && (measure === "h" || above(columns, width));
}

function randomQuestion(random: Random): Question {
  const pick = <T>(...choices: readonly T[]): T => choices[random.integer(choices.length)]!;
  const depth = pick(1, 2, 2, 3, 3);
  const height = 5 + random.integer(22);
  return {
    input: [height, random.uniform() < 0.4 ? height : 5 + random.integer(22)],
    threshold: random.integer(101) / 100,
    strict: pick(true, false),
    measure: pick("h", "w", "area", "each"),
    layers: [1 + random.integer(depth), depth],
    kernels: pick([3], [2], [3, 5], [1, 3], [1, 2, 3], [2, 3], [3, 5, 7], [4, 2]),
    maxDilation: depth === 3 ? pick(3, 5, 7) : pick(4, 9, 24),
    strides: pick([1], [1], [1, 2], [2], [1, 3], [1, 2, 3], [2, 4]),
    minOutput: pick(1, 1, 2, 4),
    channels: Array.from({ length: depth + 1 }, () => 1 + random.integer(4)),
    cost: pick("valid", "same"),
    coverage: pick("none", "prefix", "final"),
  };
}

const questions = 360;

test(`equals brute force on ${questions} random problems: optimum of each depth, best, frontier`, async () => {
  const random = new Random(20);
  const met = new Map<string, number>();
  const meet = (what: string): number => met.set(what, (met.get(what) ?? 0) + 1).get(what)!;
  for (let i = 0; i < questions; i++) {
    const question = randomQuestion(random);
    const about = JSON.stringify(question);
    const result = await design(question);
    const stacks = everyStack(question).slice(question.layers[0] - 1);

    const optima = stacks.map((level) =>
      minimum(level.filter(({ field }) => isEnough(question, field)).map(({ macs }) => macs)),
    );
    const macsOf = (answer: Design | NoDesign): number => ("macs" in answer ? answer.macs : Infinity);
    expect(result.perDepth.map(macsOf), about).toEqual(optima);
    const optimum = Math.min(...optima);
    expect(result.feasible, about).toBe(optimum < Infinity);
    expect(result.best?.macs ?? Infinity, about).toBe(optimum);
    expect(result.proof.optimum ?? Infinity).toBe(optimum);
    expect(result.proof.lowerBound ?? Infinity).toBe(optimum);
    for (const answer of result.perDepth)
      if ("reason" in answer)
        expect(answer).toMatchObject({ infeasible: true, reason: expect.stringMatching(/\S{3}.*\.$/) });

    // Every stack given is one of those enumerated, with the cost it claims.
    const all = stacks.flat();
    const given = [...result.perDepth.filter((answer) => "macs" in answer), ...result.frontier];
    for (const { layers, macs, receptiveField, outputs } of given) {
      const text = JSON.stringify(layers);
      const same = all.find((stack) => stack.macs === macs && JSON.stringify(stack.layers) === text);
      expect(same, `${text} of ${about}`).toBeDefined();
      expect([receptiveField, outputs.at(-1)]).toEqual([same!.field, [...same!.sides]]);
    }

    // The frontier: whatever share of the input is wanted, it has the cheapest stack that sees as much.
    for (const wanted of new Set(all.map(({ field }) => seen(question, field)))) {
      const least = (stacks: readonly { readonly field: number; readonly macs: number }[]): number =>
        minimum(stacks.filter(({ field }) => seen(question, field) >= wanted).map(({ macs }) => macs));
      const frontier = result.frontier.map(({ receptiveField, macs }) => ({ field: receptiveField, macs }));
      expect(least(frontier), `share ${wanted} of ${about}`).toBe(least(all));
    }
    for (const [a, b] of result.frontier.slice(1).map((point, j) => [result.frontier[j]!, point] as const)) {
      expect(b.macs).toBeGreaterThan(a.macs);
      expect(b.receptiveField).toBeGreaterThan(a.receptiveField);
    }
    if (question.cost === "valid")
      for (const { receptiveField, macs } of result.cheapestByField)
        expect(macs, `field ${receptiveField} of ${about}`).toBe(
          minimum(all.filter(({ field }) => field === receptiveField).map((stack) => stack.macs)),
        );

    meet(result.feasible ? "feasible" : "infeasible");
    if (result.feasible)
      for (const what of [
        question.cost,
        question.coverage,
        question.input[0] === question.input[1] ? "square" : "rectangle",
      ])
        meet(what);
    if (result.best?.layers.some(({ stride }) => stride > 1)) meet("strided");
  }
  for (const what of [
    "infeasible",
    "valid",
    "same",
    "none",
    "prefix",
    "final",
    "square",
    "rectangle",
    "strided",
  ])
    expect(met.get(what), what).toBeGreaterThan(20);
});

/** Infinity for none; Math.min takes no lists as long as these. */
function minimum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

function seen({ input: [height, width], measure }: Question, field: number): number {
  const [rows, columns] = [Math.min(field, height), Math.min(field, width)];
  if (measure === "area") return (rows * columns) / (height * width);
  return { h: rows / height, w: columns / width, each: Math.min(rows / height, columns / width) }[measure];
}

test("deep stacks with kernels and dilations near the input, against enumeration", async () => {
  for (const [input, kernels, maxDilation, strides, layers] of [
    [[14, 17], [2, 3, 5], 6, [1, 2], [1, 3]],
    [[24, 24], [3, 4], 5, [1], [2, 4]],
    [[12, 12], [2], 6, [1, 2], [1, 5]],
    [[16, 16], [2, 3, 6], 8, [1], [1, 3]],
  ] as const) {
    for (const coverage of ["prefix", "final"] as const) {
      const depth = layers[1];
      const question: Question = {
        input,
        kernels,
        maxDilation,
        strides,
        layers,
        coverage,
        threshold: 0.6,
        strict: false,
        measure: "each",
        minOutput: 1,
        cost: "valid",
        channels: Array.from({ length: depth + 1 }, (_, l) => 1 + (l % 3)),
      };
      const result = await design(question);
      const all = everyStack(question)
        .slice(layers[0] - 1)
        .flat();
      for (const { receptiveField, macs } of result.cheapestByField)
        expect(macs).toBe(
          minimum(all.filter(({ field }) => field === receptiveField).map((stack) => stack.macs)),
        );
      expect(result.cheapestByField.map(({ receptiveField }) => receptiveField)).toEqual(
        [...new Set(all.map(({ field }) => field))].sort((a, b) => a - b),
      );
    }
  }
});
