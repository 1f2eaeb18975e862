// Every operator's own samples and rejects, run: shapes agree with the rule, gradients with central differences,
// expansions with the fused reference, and what must be refused is.
import { describe, expect, test } from "vitest";
import { vectorJacobianProduct } from "../autodiff/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { Random, hashName, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, type Operator } from "../graph/index.ts";
import { opTable } from "./index.ts";

function operands(inputs: readonly (Shape | Tensor)[], random: Random): Tensor[] {
  return inputs.map((input) =>
    "data" in input
      ? input
      : tensor(
          input,
          Float64Array.from({ length: sizeOf(input) }, () => random.normal()),
        ),
  );
}

function site(spec: Operator, inputs: readonly Tensor[], attrs: object) {
  const g = new GraphBuilder();
  const values = inputs.map((input, i) => g.input(`in${i}`, input.shape));
  const y = g.apply(spec, values, attrs);
  return { g, values, y, feeds: Object.fromEntries(inputs.map((input, i) => [`in${i}`, input])) };
}

function dot(a: Tensor, b: Tensor): number {
  return Float64Array.from(a.data).reduce((sum, x, i) => sum + x * b.data[i]!, 0);
}

for (const [name, spec] of Object.entries(opTable))
  describe(name, () => {
    const samples = [...spec.samples()];
    const drawn = samples.map((sample, i) => {
      const random = new Random(hashName(name) + i);
      const attrs = { ...spec.defaults, ...sample.attrs };
      return { inputs: operands(sample.inputs, random), attrs, random };
    });

    test("is documented under its own name and has at least 20 samples", () => {
      expect(spec.name).toBe(name);
      expect(spec.doc.length).toBeGreaterThan(10);
      expect(samples.length).toBeGreaterThanOrEqual(20);
    });

    test("says what each attribute that is a word may be", () => {
      const word = (attrs: object, key: string): unknown => Reflect.get(attrs, key);
      const keys = Object.keys(spec.defaults).filter((key) => typeof word(spec.defaults, key) === "string");
      expect(Object.keys(spec.words ?? {}).sort()).toEqual(keys.sort());
      for (const key of keys)
        for (const attrs of [spec.defaults, ...drawn.map((each) => each.attrs)])
          expect(spec.words![key]).toContain(word(attrs, key));
    });

    test("the reference's shape is the rule's, and its values are finite", () => {
      for (const { inputs, attrs } of drawn) {
        const { y } = site(spec, inputs, attrs);
        const result = spec.reference(inputs, attrs);
        expect(result.shape).toEqual(y.type.shape);
        expect(result.data.length).toBe(sizeOf(y.type.shape));
        expect(result.data.every(Number.isFinite)).toBe(true);
      }
    });

    test("refuses what it must", () => {
      for (const { inputs, attrs, error } of spec.rejects)
        expect(() => site(spec, operands(inputs, new Random(1)), attrs ?? {})).toThrow(error);
    });

    if (spec.expand)
      test("its expansion computes the same", () => {
        for (const { inputs, attrs } of drawn) {
          const { g, values, feeds } = site(spec, inputs, attrs);
          const graph = g.finish({ y: spec.expand!(g, { inputs: values, attrs }) });
          const expanded = interpret(graph, feeds).outputs["y"]!;
          const direct = spec.reference(inputs, attrs);
          direct.data.forEach((value, i) => expect(expanded.data[i]).toBeCloseTo(value, 9));
        }
      });

    if (spec.grad !== "none") {
      test("its gradient is the central difference", () => {
        for (const { inputs, attrs, random } of drawn) checkGradient(spec, inputs, attrs, random, 1);
      });
      if (hasSecondDerivative(name))
        test("its gradient's gradient is the central difference", () => {
          for (const { inputs, attrs, random } of drawn.filter((_, i) => i % 3 === 0))
            checkGradient(spec, inputs, attrs, random, 2);
        });
    }
  });

/** Operators whose gradient emits an operator that cannot be differentiated once more. */
function hasSecondDerivative(name: string): boolean {
  return !["gridSample", "gridSampleInputGradient", "gridSampleGridGradient"].includes(name);
}

/** Compares ⟨op, dy⟩ (order 1), or ⟨Σ gradients, u⟩ (order 2), along random directions, one operand at a time. */
function checkGradient(
  spec: Operator,
  inputs: readonly Tensor[],
  attrs: object,
  random: Random,
  order: 1 | 2,
): void {
  const { g, values, y, feeds } = site(spec, inputs, attrs);
  const draw = (shape: Shape): Tensor =>
    tensor(
      shape,
      Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    );
  const dyData = draw(y.type.shape);
  const dy = g.input("dy", y.type.shape);
  let ends = [{ value: y, cotangent: dy }];
  const data: Record<string, Tensor> = { ...feeds, dy: dyData };
  if (order === 2)
    ends = vectorJacobianProduct(g, y, dy, values).map((gradient, i) => {
      data[`u${i}`] = draw(gradient.type.shape);
      return { value: gradient, cotangent: g.input(`u${i}`, gradient.type.shape) };
    });
  const objective = (at: Record<string, Tensor>): number => {
    const outputs = interpret(
      g.finish(Object.fromEntries(ends.map(({ value }, i) => [`o${i}`, value]))),
      at,
    ).outputs;
    return ends.reduce((sum, { cotangent }, i) => sum + dot(outputs[`o${i}`]!, data[cotangent.name]!), 0);
  };
  const wrt = order === 1 ? values : [...values, dy];
  const perEnd = ends.map(({ value, cotangent }) => vectorJacobianProduct(g, value, cotangent, wrt));
  wrt.forEach((value, i) => {
    const results = interpret(
      g.finish(Object.fromEntries(perEnd.map((row, j) => [`g${j}`, row[i]!]))),
      data,
    ).outputs;
    const direction = draw(value.type.shape);
    const analytic = Object.values(results).reduce((sum, gradient) => sum + dot(gradient, direction), 0);
    const isZero = Object.values(results).every((gradient) => gradient.data.every((x) => x === 0));
    if (isZero && nonDifferentiableOperand(spec, i)) return;
    const step = 1e-6;
    const moved = (sign: number): Record<string, Tensor> => ({
      ...data,
      [value.name]: tensor(
        value.type.shape,
        Float64Array.from(data[value.name]!.data, (x, k) => x + sign * step * direction.data[k]!),
      ),
    });
    const numeric = (objective(moved(1)) - objective(moved(-1))) / (2 * step);
    const scale = Math.max(1, Math.abs(analytic), Math.abs(numeric));
    expect(
      Math.abs(analytic - numeric) / scale,
      `${spec.name} order ${order}, operand ${value.name}: ${analytic} against ${numeric}`,
    ).toBeLessThan(2e-5);
  });
}

/** Operands that only choose (a counter, boxes): the op is piecewise constant in them or declares no gradient. */
function nonDifferentiableOperand(spec: Operator, index: number): boolean {
  return /rois|counter/.test(spec.inputs[index] ?? "");
}
