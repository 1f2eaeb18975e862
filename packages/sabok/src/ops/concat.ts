// Values one behind the other along an axis.
import { ShapeError, formatShape, normalizeAxis, zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { slice } from "./slice.ts";
import { partPositions } from "./slicing.ts";

export type ConcatAttrs = {
  /** Negative axes count from the back. */
  readonly axis: number;
};

export const concat: OpSpec<"concat", ConcatAttrs, number> = {
  name: "concat",
  doc: "The operands one behind the other along an axis: y[…, offset(k) + i, …] = xs[k][…, i, …].",
  inputs: ["...xs"],
  defaults: { axis: 1 },
  infer(types, { axis }, where) {
    const shapes = types.map((type) => type.shape);
    return { shape: joinedShape(shapes, axis, where), dtype: types[0]!.dtype };
  },
  reference(xs, { axis }) {
    const shapes = xs.map((x) => x.shape);
    const y = zeros(joinedShape(shapes, axis, "concat"));
    offsets(shapes, axis).forEach((starts, k) => {
      const x = xs[k]!;
      partPositions(
        x.shape,
        y.shape,
        starts,
        x.shape.map(() => 1),
      ).forEach((position, at) => (y.data[position] = x.data[at]!));
    });
    return y;
  },
  grad(g, dy, { inputs, attrs: { axis } }) {
    const shapes = inputs.map(shapeOf);
    return offsets(shapes, axis).map((starts, k) =>
      g.apply(slice, [dy], { starts, sizes: shapes[k]!, steps: shapes[k]!.map(() => 1) }),
    );
  },
  macs: noMacs,
  *samples() {
    yield { inputs: [[3]], attrs: { axis: 0 } };
    yield { inputs: [[1], [4], [2]], attrs: { axis: 0 } };
    yield {
      inputs: [
        [1, 5],
        [3, 5],
      ],
      attrs: { axis: 0 },
    };
    yield {
      inputs: [
        [1, 17],
        [1, 17],
      ],
      attrs: { axis: -2 },
    };
    for (const x of [
      [2, 3],
      [4, 33],
      [2, 3, 4],
      [2, 3, 4, 5],
      [1, 17, 3, 3],
      [5, 8, 1, 1],
      [2, 16, 5, 5],
      [3, 1, 7, 2],
    ] as Shape[]) {
      const wider = (by: number): Shape =>
        x.map((dimension, axis) => (axis === 1 ? dimension + by : dimension));
      yield { inputs: [x, wider(2)] };
      yield { inputs: [wider(1), x, wider(5), x], attrs: { axis: 1 } };
    }
    yield {
      inputs: [
        [2, 3, 4, 5],
        [2, 3, 1, 5],
      ],
      attrs: { axis: 2 },
    };
    yield {
      inputs: [
        [2, 3, 4, 5],
        [2, 3, 4, 2],
        [2, 3, 4, 1],
      ],
      attrs: { axis: -1 },
    };
    yield {
      inputs: [
        [1, 2, 1, 2, 3],
        [1, 2, 2, 2, 3],
      ],
      attrs: { axis: 2 },
    };
  },
  rejects: [
    {
      inputs: [
        [2, 3, 4, 4],
        [2, 5, 4, 3],
      ],
      error: /operand 1 has shape \[2,5,4,3\], expected \[2,\*,4,4\]/,
    },
    {
      inputs: [
        [2, 3],
        [2, 3, 1],
      ],
      error: /operand 1 has shape \[2,3,1\], expected \[2,\*\]/,
    },
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attrs: { axis: 2 },
      error: /axis 2 is outside a value of rank 2/,
    },
    { inputs: [], error: /got no operands/ },
  ],
};

function joinedShape(shapes: readonly Shape[], axis: number, where: string): Shape {
  const first = shapes[0];
  if (!first) throw new ShapeError(`${where}: got no operands, expected at least one.`);
  const along = normalizeAxis(axis, first.length, where);
  for (const [k, shape] of shapes.entries())
    if (shape.length !== first.length || shape.some((dimension, i) => i !== along && dimension !== first[i]))
      throw new ShapeError(
        `${where}: operand ${k} has shape ${formatShape(shape)}, expected [${first.map((d, i) => (i === along ? "*" : d)).join(",")}]: ` +
          `operands may differ along axis ${along} only.`,
      );
  return first.map((dimension, i) =>
    i === along ? shapes.reduce((sum, shape) => sum + shape[along]!, 0) : dimension,
  );
}

/** Where each operand begins in the result, one index an axis. */
function offsets(shapes: readonly Shape[], axis: number): number[][] {
  let offset = 0;
  return shapes.map((shape) => {
    const along = normalizeAxis(axis, shape.length, "concat");
    const starts = shape.map((_, i) => (i === along ? offset : 0));
    offset += shape[along]!;
    return starts;
  });
}
