import { describe, expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import {
  effectiveStdOf,
  hybridDilation,
  isHoleFree,
  jumpsOf,
  layerMacs,
  numbersText,
  outputsOf,
  stackReceptiveField,
  receptiveFieldsOf,
  supportOf,
  type ConvolutionLayer,
} from "./stack.ts";

/** Layers from (kernel, dilation, stride) triples. */
function stack(...triples: readonly (readonly [number, number, number?])[]): ConvolutionLayer[] {
  return triples.map(([kernel, dilation, stride = 1]) => ({ kernel, dilation, stride }));
}

function randomStack(
  random: Random,
  most: { depth: number; kernel: number; dilation: number; stride: number },
): ConvolutionLayer[] {
  return Array.from({ length: 1 + random.integer(most.depth) }, () => ({
    kernel: 1 + random.integer(most.kernel),
    dilation: 1 + random.integer(most.dilation),
    stride: 1 + random.integer(most.stride),
  }));
}

/** One side of the output, layer by layer; 0 from the first map that is empty. */
function simulatedSides(layers: readonly ConvolutionLayer[], size: number, cost: "valid" | "same"): number[] {
  let side = size;
  return layers.map(({ kernel, dilation, stride }) => {
    const window = dilation * (kernel - 1) + 1;
    side =
      cost === "same"
        ? Math.ceil(side / stride)
        : side < window
          ? 0
          : Math.floor((side - window) / stride) + 1;
    return side;
  });
}

describe("receptive field", () => {
  test("TV-2.1a: dilations 1, 2, 4 on 32 pixels", () => {
    const layers = stack([3, 1], [3, 2], [3, 4]);
    expect(receptiveFieldsOf(layers)).toEqual([3, 7, 15]);
    expect(outputsOf(layers, [32, 32], "valid")).toEqual([
      [30, 30],
      [26, 26],
      [18, 18],
    ]);
  });

  test("TV-2.1b: strides; the last one does not enlarge the field", () => {
    const layers = stack([3, 1, 2], [3, 3, 1], [3, 1, 2]);
    expect(stackReceptiveField(layers)).toBe(19);
    expect(jumpsOf(layers).at(-1)).toBe(4);
    expect(outputsOf(layers, [32, 32], "valid").map(([h]) => h)).toEqual([15, 9, 4]);
  });

  test("TV-2.1c: the effective field's standard deviation", () => {
    const ten = Array.from({ length: 10 }, () => [3, 1] as const);
    expect([stackReceptiveField(stack(...ten)), effectiveStdOf(stack(...ten))]).toEqual([
      21,
      expect.closeTo(2.581989, 6),
    ]);
    const dilated = stack([3, 1], [3, 2], [3, 4]);
    expect([stackReceptiveField(dilated), effectiveStdOf(dilated)]).toEqual([
      15,
      expect.closeTo(3.741657, 6),
    ]);
    const strided = stack([3, 1, 2], [3, 1, 2], [3, 2, 1]);
    expect([stackReceptiveField(strided), effectiveStdOf(strided)]).toEqual([23, expect.closeTo(6.78233, 6)]);
  });

  test("no layer sees its own pixel", () => {
    expect(stackReceptiveField([])).toBe(1);
    expect(supportOf([])).toEqual([0]);
  });
});

describe("output side", () => {
  test("is the nested floors and ceilings on 2000 random stacks", () => {
    const random = new Random(1);
    let empty = 0;
    for (let i = 0; i < 2000; i++) {
      const layers = randomStack(random, { depth: 5, kernel: 5, dilation: 4, stride: 4 });
      const size = 1 + random.integer(60);
      for (const cost of ["valid", "same"] as const) {
        const simulated = simulatedSides(layers, size, cost);
        const formula = outputsOf(layers, [size, size], cost).map(([side]) => side);
        const until = simulated.includes(0) ? simulated.indexOf(0) : simulated.length;
        expect(formula.slice(0, until)).toEqual(simulated.slice(0, until));
        if (until < simulated.length) {
          empty++;
          expect(formula[until]).toBeLessThan(1);
          expect(stackReceptiveField(layers.slice(0, until + 1))).toBeGreaterThan(size);
        }
      }
    }
    expect(empty).toBeGreaterThan(100);
  });
});

describe("no holes", () => {
  test("the criterion is exact on 20000 random stacks", () => {
    const random = new Random(2);
    let whole = 0;
    for (let i = 0; i < 20_000; i++) {
      const layers = randomStack(random, { depth: 4, kernel: 4, dilation: 6, stride: 3 });
      const field = stackReceptiveField(layers);
      const support = supportOf(layers);
      expect(support.at(-1)).toBe(field - 1);
      expect(isHoleFree(layers)).toBe(support.length === field);
      if (support.length === field) {
        whole++;
        expect(field).toBeLessThanOrEqual(layers.reduce((product, { kernel }) => product * kernel, 1));
      }
    }
    expect(whole).toBeGreaterThan(2000);
  });

  test("a whole stack may have none though its beginning has", () => {
    expect(isHoleFree(stack([16, 2]))).toBe(false);
    expect(isHoleFree(stack([16, 2], [2, 1]))).toBe(true);
  });

  test("kernel 3 at dilation 2 reads 3 of 5 pixels an axis", () => {
    expect(supportOf(stack([3, 2]))).toEqual([0, 2, 4]);
  });
});

describe("hybrid dilated convolution", () => {
  const rates = (kernel: number, ...dilations: number[]) =>
    stack(...dilations.map((dilation) => [kernel, dilation] as const));

  test("the published examples, and its blindness to the first rate", () => {
    expect(hybridDilation(rates(3, 1, 2, 5))).toEqual({ distance: 2, holds: true });
    expect(hybridDilation(rates(3, 1, 2, 9))).toEqual({ distance: 5, holds: false });
    expect(hybridDilation(rates(3, 2, 2, 2))).toEqual({ distance: 2, holds: true });
    expect(isHoleFree(rates(3, 2, 2, 2))).toBe(false);
  });

  test("says nothing about one layer, mixed kernels and strides", () => {
    for (const layers of [stack([3, 1]), stack([3, 1], [5, 2]), stack([3, 1, 2], [3, 1])])
      expect(hybridDilation(layers)).toBeUndefined();
  });

  /** All ascending rates up to 12, in 2 to 4 layers: how the rule and the truth agree. */
  function compare(kernel: number, first?: number) {
    const counts = { bothHold: 0, bothFail: 0, falsePositives: 0, falseNegatives: 0 };
    const extend = (dilations: readonly number[]): void => {
      if (dilations.length >= 2) {
        const layers = rates(kernel, ...dilations);
        const [rule, truth] = [hybridDilation(layers)!.holds, isHoleFree(layers)];
        counts[rule ? (truth ? "bothHold" : "falsePositives") : truth ? "falseNegatives" : "bothFail"]++;
      }
      if (dilations.length < 4)
        for (let next = dilations.at(-1)!; next <= 12; next++) extend([...dilations, next]);
    };
    for (const start of first ? [first] : Array.from({ length: 12 }, (_, i) => i + 1)) extend([start]);
    return counts;
  }

  test("kernel 3: wrong without a first rate of 1, right with it; kernel 5: too strict", () => {
    expect(compare(3).falsePositives).toBe(171);
    expect(compare(3, 1)).toEqual({ bothHold: 161, bothFail: 293, falsePositives: 0, falseNegatives: 0 });
    expect(compare(5, 1)).toMatchObject({ falsePositives: 0, falseNegatives: 26 });
    expect(hybridDilation(rates(5, 1, 1, 8))!.holds).toBe(false);
    expect(isHoleFree(rates(5, 1, 1, 8))).toBe(true);
  });
});

describe("multiply-accumulates", () => {
  const total = (layers: readonly ConvolutionLayer[], cost: "valid" | "same") =>
    layerMacs(
      layers,
      [32, 32],
      Array.from({ length: layers.length + 1 }, () => 1),
      cost,
    );

  test("TV-2.2e: without padding the order of dilations matters, with it not", () => {
    expect(total(stack([3, 1], [3, 2], [3, 4]), "valid")).toEqual([8100, 6084, 2916]);
    expect(total(stack([3, 4], [3, 2], [3, 1]), "valid")).toEqual([5184, 3600, 2916]);
    expect(total(stack([3, 4], [3, 2], [3, 1]), "same")).toEqual([9216, 9216, 9216]);
  });

  test("for equal kernels and channels descending extents cost least without padding", () => {
    const random = new Random(3);
    const sum = (layers: readonly ConvolutionLayer[]) => total(layers, "valid").reduce((a, b) => a + b, 0);
    for (let i = 0; i < 2000; i++) {
      const layers = stack(...Array.from({ length: 3 }, () => [3, 1 + random.integer(4)] as const));
      const descending = layers.toSorted((a, b) => b.dilation - a.dilation);
      expect(sum(descending)).toBeLessThanOrEqual(sum(layers));
    }
  });

  test("channels and rectangles", () => {
    expect(layerMacs(stack([3, 1], [1, 1]), [10, 6], [3, 16, 8], "valid")).toEqual([
      3 * 16 * 9 * 8 * 4,
      16 * 8 * 8 * 4,
    ]);
    expect(layerMacs(stack([3, 1, 2]), [10, 7], [1, 1], "same")).toEqual([9 * 5 * 4]);
  });
});

test("numbers in words: runs of four and more by their ends", () => {
  expect(numbersText([3, 5, 7])).toBe("3, 5, 7");
  expect(numbersText([1, 2, 3, 5, 6, 7, 8, 12])).toBe("1, 2, 3, 5 to 8, 12");
  expect(numbersText([])).toBe("");
});
