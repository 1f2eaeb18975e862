// Builds values: checks shapes through the operator's own rule and names what it makes after the current scope.
import { SabokError, ShapeError, float32, formatShape, type Shape, type Tensor } from "../core/index.ts";
import { makeGraph, type Graph, type Update } from "./graph.ts";
import { makeValue, type Attributes, type Initializer, type LeafKind, type Value } from "./value.ts";
import type { OpSpec, Tuple } from "./operator.ts";

export class GraphBuilder {
  private path: string[] = [];
  private readonly inputs: Record<string, Value> = {};
  private readonly states = new Map<string, Value>();
  private readonly updates: Update[] = [];

  /** The value of an operator applied to operands. Attributes not given take the operator's defaults. */
  apply<Name extends string, Attrs extends object, N extends number>(
    spec: OpSpec<Name, Attrs, N>,
    inputs: Tuple<Value, N>,
    attrs: Partial<Attrs> = {},
  ): Value {
    const name = this.path.join(".");
    const operands: readonly Value[] = inputs;
    const where = name === "" ? spec.name : `${spec.name} "${name}"`;
    const names: readonly string[] = spec.inputs;
    const variadic = names[0]?.startsWith("...") ?? false;
    if (!variadic && operands.length !== names.length)
      throw new ShapeError(
        `${where}: got ${operands.length} operands, expected ${names.length} (${names.join(", ")}).`,
      );
    const complete: Attrs = { ...spec.defaults, ...attrs };
    const types = operands.map((operand) => operand.type) as unknown as Tuple<Value["type"], N>;
    const type = spec.infer(types, complete, where);
    return makeValue({ op: spec.name, inputs: operands, attrs: complete as Attributes, type, name });
  }

  /** A value that each run is fed, of shape [N, …]. */
  input(name: string, shape: Shape): Value {
    if (name in this.inputs)
      throw new SabokError(`There are two inputs named "${name}"; give each its own name.`);
    return (this.inputs[name] = this.leaf("input", name, shape, {}));
  }

  /** A trained value; its full name is the scope's path and its own. */
  parameter(name: string, shape: Shape, init: Initializer): Value {
    return this.state("parameter", name, shape, init);
  }

  /** A value kept between runs that is not trained: running statistics, an optimiser's momentum, a step counter. */
  buffer(name: string, shape: Shape, init: Initializer): Value {
    return this.state("buffer", name, shape, init);
  }

  constant(tensor: Tensor): Value {
    return this.leaf("constant", this.path.join("."), tensor.shape, { tensor });
  }

  /** Runs `build` one level deeper: what it makes is named "<path>.<name>". */
  scope<T>(name: string, build: () => T): T {
    this.path.push(name);
    try {
      return build();
    } finally {
      this.path.pop();
    }
  }

  /** Runs `build` with names that begin anew at `path`. */
  at<T>(path: string, build: () => T): T {
    const outer = this.path;
    this.path = path === "" ? [] : [path];
    try {
      return build();
    } finally {
      this.path = outer;
    }
  }

  /** At the end of each run, `state` takes the data of `value`. */
  update(state: Value, value: Value): void {
    if (formatShape(state.type.shape) !== formatShape(value.type.shape))
      throw new ShapeError(
        `update of "${state.name}": got shape ${formatShape(value.type.shape)}, the state has ${formatShape(state.type.shape)}.`,
      );
    this.updates.push({ state, value });
  }

  finish(outputs: Readonly<Record<string, Value>>): Graph {
    return makeGraph({ inputs: this.inputs, outputs, updates: this.updates });
  }

  private state(kind: "parameter" | "buffer", name: string, shape: Shape, init: Initializer): Value {
    const full = [...this.path, name].join(".");
    if (this.states.has(full))
      throw new SabokError(
        `There are two parameters named "${full}"; put one of them in a scope of its own.`,
      );
    const value = this.leaf(kind, full, shape, { init });
    this.states.set(full, value);
    return value;
  }

  private leaf(op: LeafKind, name: string, shape: Shape, attrs: Attributes): Value {
    const bad = shape.find((dimension) => !Number.isInteger(dimension) || dimension < 1);
    if (bad !== undefined)
      throw new ShapeError(
        `${op} "${name}": got shape ${formatShape(shape)}; every dimension must be a whole number of at least 1.`,
      );
    return makeValue({ op, inputs: [], attrs, type: float32(shape), name });
  }
}
