// The network of the room: described by the engine each time its spec changes, inspected when it has come to rest. Edits that
// come quicker than the engine answers are skipped over, never queued.
import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { call, EngineLostError, enginesLost } from "../../engine/engine.ts";
import type { ReadFileResult } from "../../engine/jobs/readNetworkFile.ts";
import type { NetworkSpec } from "../../engine/network/spec.ts";
import type { InspectionView, NetworkView } from "../../engine/network/view.ts";

/** How long a network rests before the slower numbers are computed. Milliseconds. */
const rest = 250;

export class NetworkModel {
  private readonly writable = {
    view: signal<NetworkView | undefined>(undefined),
    inspection: signal<InspectionView | undefined>(undefined),
    error: signal<unknown>(undefined),
    busy: signal(false),
    shown: signal<NetworkSpec | undefined>(undefined),
  };
  readonly view: ReadonlySignal<NetworkView | undefined> = this.writable.view;
  readonly inspection: ReadonlySignal<InspectionView | undefined> = this.writable.inspection;
  /** Why the last spec gave no network; the view then still shows the one before. */
  readonly error: ReadonlySignal<unknown> = this.writable.error;
  readonly busy: ReadonlySignal<boolean> = this.writable.busy;
  /** The spec of the view. */
  readonly shown: ReadonlySignal<NetworkSpec | undefined> = this.writable.shown;
  private readonly files = new Map<string, { file: File; engine: number }>();
  private wanted: NetworkSpec | undefined;
  private running = false;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private inspecting: AbortController | undefined;

  /** Shows a network as soon as the engine has described it. */
  async show(spec: NetworkSpec): Promise<void> {
    this.wanted = spec;
    this.stopInspecting();
    if (this.running) return;
    this.running = true;
    const { view, error, busy, shown } = this.writable;
    busy.value = true;
    while (this.wanted) {
      const next: NetworkSpec = this.wanted;
      this.wanted = undefined;
      try {
        await this.sendFiles(next);
        const described = await call("describeNetwork", next);
        error.value = undefined;
        shown.value = next;
        view.value = described;
      } catch (problem) {
        error.value = problem;
      }
    }
    busy.value = false;
    this.running = false;
    if (error.peek() === undefined) this.resting = setTimeout(() => void this.inspect(), rest);
  }

  /** Reads a file in the engine; it is kept, to be read again by a new engine. */
  async read(id: string, file: File, spec: NetworkSpec): Promise<ReadFileResult> {
    const bytes = await file.arrayBuffer();
    const result = await call("readNetworkFile", { id, name: file.name, bytes, spec }, { transfer: [bytes] });
    this.files.set(id, { file, engine: enginesLost.peek() });
    return result;
  }

  has(id: string): boolean {
    return this.files.has(id);
  }

  /** Gives a new engine the files that the spec names, where it does not have them. */
  async sendFiles(spec: NetworkSpec): Promise<void> {
    const ids = [spec.kind === "file" ? spec.id : undefined, spec.weights];
    for (const id of ids) {
      const kept = id === undefined ? undefined : this.files.get(id);
      if (kept && kept.engine !== enginesLost.peek()) await this.read(id!, kept.file, spec);
    }
  }

  stop(): void {
    this.wanted = undefined;
    this.stopInspecting();
  }

  private stopInspecting(): void {
    clearTimeout(this.resting);
    this.inspecting?.abort();
  }

  private async inspect(): Promise<void> {
    const spec = this.shown.peek();
    if (!spec) return;
    const controller = (this.inspecting = new AbortController());
    try {
      const found = await call("inspectNetwork", spec, { signal: controller.signal });
      if (!controller.signal.aborted) this.writable.inspection.value = found;
    } catch (problem) {
      if (!controller.signal.aborted && !(problem instanceof EngineLostError))
        this.writable.error.value = problem;
    }
  }
}

/** The model of a room that lives as long as the room. */
export function useNetworkModel(): NetworkModel {
  const model = useMemo(() => new NetworkModel(), []);
  useEffect(() => () => model.stop(), [model]);
  return model;
}
