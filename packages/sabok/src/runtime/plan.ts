// A graph becomes a plan: the kernel calls in order, and where every value lies in one memory.
// What runs the plan (one thread here) only walks the list; nothing in it depends on the number of threads.
import { invariant } from "../core/index.ts";
import { isLeaf, isState, usersOf, type Graph, type Value } from "../graph/index.ts";
import type { OpName } from "../ops/index.ts";
import {
  bytesOf,
  copyValue,
  lowerings,
  type Arg,
  type KernelCall,
  type Lowering,
  type Storage,
} from "../backends/wasm/index.ts";
import { planArena, type Lifetime } from "./arena.ts";

/** One step: a kernel call, or ("host") the operator's reference on the host. */
export interface PlanStep {
  /** The value the step works for. */
  readonly value: Value;
  /** Values that the last step of `value` completes beside it. */
  readonly also: readonly Value[];
  readonly call: KernelCall | "host";
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Steps that depend on fixed weights only: they run when weights have been set, not in every run. */
  readonly prologue: readonly PlanStep[];
  /** The byte address of a storage that a step mentions. */
  addressOf(storage: Storage): number;
  /** Whether a value has memory of its own: one that its only reader took in has none. */
  isStored(value: Value): boolean;
  /** The storage that holds a value's data. */
  storageOf(value: Value): Storage;
  /** The address at which the argument records lie, in the order prologue, steps. */
  readonly recordsAddress: number;
  /** Private scratch memory, one piece a thread. */
  readonly scratchAddresses: readonly number[];
  /** All memory, in bytes; of it the arena that values and temporaries share. */
  readonly bytes: number;
  readonly arenaBytes: number;
  /** The most arena bytes live during one step: no plan can need less. */
  readonly arenaLowerBound: number;
}

/** The kernels' own data lies below this address. */
const firstAddress = 65536;

/** Operators whose kernels may write their result over the state they read. */
const inPlaceOperators: ReadonlySet<string> = new Set<OpName>([
  "affine",
  "sgdMomentum",
  "sgdStep",
  "adamMoment1",
  "adamMoment2",
  "adamStep",
  "lerp",
  "movingAverage",
]);

/** @param threads how many threads will need scratch memory of their own */
export function planGraph(graph: Graph, threads = 1): Plan {
  const planner = new Planner(graph);
  for (const value of graph.values) planner.lower(value);
  planner.copyUpdates();
  return planner.place(threads);
}

class Planner implements Lowering {
  private readonly steps: PlanStep[] = [];
  private readonly prologue: PlanStep[] = [];
  private readonly storages: Storage[] = [];
  private readonly persistent = new Set<Storage>();
  private readonly byValue = new Map<Value, Storage>();
  private readonly packs = new Map<string, Storage>();
  private readonly filled = new Set<Value>();
  private readonly users: Map<Value, Value[]>;
  private readonly updated: Set<Value>;
  private readonly results: Set<Value>;
  private target: PlanStep[] = this.steps;
  private current: Value | undefined;
  private also: Value[] = [];

  private readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
    this.users = usersOf(graph);
    this.updated = new Set(graph.updates.map((update) => update.state));
    this.results = new Set([...Object.values(graph.outputs), ...graph.updates.map((update) => update.value)]);
    for (const input of Object.values(graph.inputs)) this.of(input);
    for (const { state, value } of graph.updates) {
      this.of(state);
      if (this.canWriteInPlace(state, value)) this.byValue.set(value, this.of(state));
    }
  }

  lower(value: Value): void {
    if (isLeaf(value)) {
      this.of(value);
      return;
    }
    if (this.filled.has(value)) return;
    this.current = value;
    this.also = [];
    const lowering = lowerings[value.op as OpName];
    invariant(lowering, `the wasm backend has no entry for "${value.op}"`);
    if (lowering === "reference") this.target.push({ value, also: [], call: "host" });
    else lowering(value, this);
  }

  /** What was not written in place is copied at the end; a state that another one takes over is set aside first. */
  copyUpdates(): void {
    const states = new Set(this.graph.updates.map((update) => this.of(update.state)));
    const copies = this.graph.updates
      .filter(({ state, value }) => this.of(value) !== this.of(state))
      .map(({ state, value }) => {
        this.current = value;
        const source = this.of(value);
        if (!states.has(source)) return { value, source, target: this.of(state) };
        const aside = this.temporary(source.bytes);
        copyValue(source, aside, this);
        return { value, source: aside, target: this.of(state) };
      });
    for (const { value, source, target } of copies) {
      this.current = value;
      copyValue(source, target, this);
    }
  }

  of(value: Value): Storage {
    const known = this.byValue.get(value);
    if (known) return known;
    const storage = this.makeStorage(bytesOf(value));
    if (isState(value) || value.op === "constant") this.persistent.add(storage);
    this.byValue.set(value, storage);
    return storage;
  }

  temporary(bytes: number): Storage {
    return this.makeStorage(bytes);
  }

  packed(weight: Value, key: string, bytes: number, emit: (target: Storage) => void): Storage {
    const id = `${weight.id} ${key}`;
    const known = this.packs.get(id);
    if (known) return known;
    const storage = this.makeStorage(bytes);
    this.packs.set(id, storage);
    const fixed = (isState(weight) && !this.updated.has(weight)) || weight.op === "constant";
    const outer = this.target;
    if (fixed) {
      this.persistent.add(storage);
      this.target = this.prologue;
    }
    emit(storage);
    this.target = outer;
    return storage;
  }

  emit(kernel: string, units: number, args: readonly Arg[], scratchBytes = 0): void {
    invariant(this.current, "a call was emitted outside a lowering");
    if (units > 0)
      this.target.push({ value: this.current, also: this.also, call: { kernel, units, args, scratchBytes } });
  }

  usersOf(value: Value): readonly Value[] {
    return this.users.get(value)!;
  }

  soleReaderOf(value: Value): Value | undefined {
    const readers = this.users.get(value)!;
    return readers.length === 1 && !this.results.has(value) ? readers[0] : undefined;
  }

  alsoFills(value: Value): void {
    this.filled.add(value);
    this.also.push(value);
  }

  alias(value: Value, source: Value): void {
    const own = this.byValue.get(value);
    if (own && own !== this.of(source)) copyValue(this.of(source), own, this);
    else this.byValue.set(value, this.of(source));
  }

  place(threads: number): Plan {
    const lifetimes = new Map<Storage, { first: number; last: number }>();
    const mention = (storage: Storage, step: number): void => {
      const known = lifetimes.get(storage);
      lifetimes.set(storage, {
        first: Math.min(known?.first ?? step, step),
        last: Math.max(known?.last ?? step, step),
      });
    };
    for (const input of Object.values(this.graph.inputs)) mention(this.of(input), -1);
    this.steps.forEach((step, at) => this.mentions(step).forEach((storage) => mention(storage, at)));
    for (const output of Object.values(this.graph.outputs)) mention(this.of(output), this.steps.length);

    const calls = [...this.prologue, ...this.steps].flatMap(({ call }) => (call === "host" ? [] : [call]));
    const recordBytes = calls.reduce((sum, call) => sum + align(4 * call.args.length), 0);
    const addresses = new Map<Storage, number>();
    let next = firstAddress + align(recordBytes);
    // Whatever the prologue mentions must outlast it, and stay until weights are set again.
    const kept = new Set([...this.persistent, ...this.prologue.flatMap((step) => this.mentions(step))]);
    for (const storage of kept) {
      addresses.set(storage, next);
      next += align(storage.bytes);
    }
    const scratchBytes = align(calls.reduce((most, call) => Math.max(most, call.scratchBytes), 0));
    const firstScratch = next;
    next += threads * scratchBytes;
    const shared: Lifetime[] = [...lifetimes]
      .filter(([storage]) => !kept.has(storage))
      .map(([storage, life]) => ({ id: storage.id, bytes: storage.bytes, ...life }));
    const arena = planArena(shared);
    for (const [id, offset] of arena.offsets) addresses.set(this.storages[id]!, next + offset);
    return {
      steps: this.steps,
      prologue: this.prologue,
      storageOf: (value) => this.of(value),
      isStored: (value) => addresses.has(this.of(value)),
      addressOf: (storage) => {
        const address = addresses.get(storage);
        invariant(address !== undefined, "a storage that no step mentions has no address");
        return address;
      },
      recordsAddress: firstAddress,
      scratchAddresses: Array.from({ length: threads }, (_, thread) => firstScratch + thread * scratchBytes),
      bytes: next + arena.bytes + 64,
      arenaBytes: arena.bytes,
      arenaLowerBound: arena.lowerBound,
    };
  }

  private mentions({ value, call }: PlanStep): Storage[] {
    if (call === "host") return [...value.inputs, value].map((operand) => this.of(operand));
    return call.args.flatMap((arg) => (arg.kind === "pointer" ? [arg.storage] : []));
  }

  private makeStorage(bytes: number): Storage {
    const storage = { id: this.storages.length, bytes };
    this.storages.push(storage);
    return storage;
  }

  /**
   * Whether an update's value may be written straight over the state: its kernel allows it, and every other
   * reader of the state runs before.
   */
  private canWriteInPlace(state: Value, value: Value): boolean {
    if (!inPlaceOperators.has(value.op) || !value.inputs.includes(state) || this.byValue.has(value))
      return false;
    const readBefore = (source: Value): boolean =>
      !this.results.has(source) &&
      this.users
        .get(source)!
        .every((user) => user === value || (user.id < value.id && (!isView(user) || readBefore(user))));
    return readBefore(state);
  }
}

/** Operators whose result may be the operand's own bytes. */
function isView(value: Value): boolean {
  return value.op === "reshape" || value.op === "flatten";
}

/** Bytes rounded up to whole cache lines, with one line more that kernels may read past the end. */
function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64 + 64;
}
