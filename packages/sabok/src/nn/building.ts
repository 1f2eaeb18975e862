// Where layers put what they make. Layers are plain functions from Value to Value, so the builder is ambient: it is
// set while `network` or `evaluate` runs the user's function, and only then.
import { SabokError } from "../core/index.ts";
import { GraphBuilder, type OpSpec, type Tuple, type Value } from "../graph/index.ts";
import { affine } from "../ops/index.ts";

interface Building {
  readonly builder: GraphBuilder;
  /** The scopes that are open, outermost first. */
  readonly path: string[];
  /** Every scope that a layer has taken, by its full name. */
  readonly taken: Set<string>;
  step: Value | undefined;
}

let current: Building | undefined;

/** Runs `build` with a new builder as the ambient one and puts back the one before, also where `build` throws. */
export function withBuilder<T>(build: (builder: GraphBuilder) => T): T {
  const outer = current;
  current = { builder: new GraphBuilder(), path: [], taken: new Set(), step: undefined };
  try {
    return build(current.builder);
  } finally {
    current = outer;
  }
}

function building(layer: string): Building {
  if (!current)
    throw new SabokError(
      `${layer} was called outside a network. Layers work only inside the function given to network(…) or evaluate(…), ` +
        `and not after an await in it.`,
    );
  return current;
}

/** The value of an operator over values, in the network that is being built. */
export function apply<Name extends string, Attrs extends object, N extends number>(
  spec: OpSpec<Name, Attrs, N>,
  inputs: Tuple<Value, N>,
  attrs?: Partial<Attrs>,
): Value {
  return building(spec.name).builder.apply(spec, inputs, attrs);
}

/** Names what `build` makes "<name>.…", as a module of PyTorch does. */
export function scope<T>(name: string, build: () => T): T {
  const { builder, path } = building(`scope "${name}"`);
  path.push(name);
  try {
    return builder.scope(name, build);
  } finally {
    path.pop();
  }
}

/** A layer's own scope: the given name, or, without one, the layer's kind, with a number from the second on. */
export function layerScope<T>(
  kind: string,
  name: string | undefined,
  build: (builder: GraphBuilder, path: string) => T,
): T {
  const { builder, path, taken } = building(kind);
  const full = (last: string): string => [...path, last].join(".");
  let own = name ?? kind;
  if (name === undefined) for (let n = 2; taken.has(full(own)); n++) own = `${kind}_${n}`;
  taken.add(full(own));
  return scope(own, () => build(builder, path.join(".")));
}

/** The number of runs so far: a buffer "step" at the root, made once a network and counted up by each run. */
export function stepCounter(): Value {
  const context = building("stepCounter");
  const { builder } = context;
  return (context.step ??= builder.at("", () => {
    const step = builder.buffer("step", [], { kind: "constant", value: 0 });
    builder.update(
      step,
      builder.at("step", () => builder.apply(affine, [step], { offset: 1 })),
    );
    return step;
  }));
}
