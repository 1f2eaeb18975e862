// A room's state in the URL: `#/network?model=mobilenetV2&width=0.5`. What is at its default is left out.
import { effect, signal, untracked, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

type Params = Readonly<Record<string, string>>;
type UrlValue = string | number | boolean;

/** The parameters of one room as they stand in the URL. The shell makes one a room and hands it to the room. */
export class UrlState {
  readonly params: Signal<Params>;
  private readonly changed: () => void;

  constructor(params: Params, changed: () => void) {
    this.params = signal(params);
    this.changed = changed;
  }

  /** Sets parameters, removing those that are undefined, and replaces the URL. */
  set(changes: Readonly<Record<string, string | undefined>>): void {
    const before = this.params.peek();
    const next = Object.fromEntries(
      Object.entries({ ...before, ...changes }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    if (JSON.stringify(next) === JSON.stringify(before)) return;
    this.params.value = next;
    this.changed();
  }
}

type Widened<T> = T extends string ? string : T extends number ? number : boolean;

/**
 * One signal a key, read from the URL and written back to it: `useUrlState(state, { model: "mobilenetV2", width: 1 })`.
 * A parameter that does not parse as its default's type counts as absent. Give the defaults as a constant.
 */
export function useUrlState<const Defaults extends Readonly<Record<string, UrlValue>>>(
  state: UrlState,
  defaults: Defaults,
): { readonly [Key in keyof Defaults]: Signal<Widened<Defaults[Key]>> } {
  const signals = useMemo(
    () =>
      Object.fromEntries(
        Object.entries(defaults).map(([key, initial]) => [
          key,
          signal<UrlValue>(parse(state.params.peek()[key], initial)),
        ]),
      ),
    [state],
  );
  useEffect(() => {
    const stopReading = effect(() => {
      const params = state.params.value;
      for (const [key, initial] of Object.entries(defaults)) {
        const value = parse(params[key], initial);
        untracked(() => (signals[key]!.value = value));
      }
    });
    const stopWriting = effect(() => {
      const changes = Object.entries(defaults).map(([key, initial]) => {
        const value = signals[key]!.value;
        return [key, value === initial ? undefined : String(value)] as const;
      });
      untracked(() => state.set(Object.fromEntries(changes)));
    });
    return () => {
      stopReading();
      stopWriting();
    };
  }, [state]);
  return signals as { readonly [Key in keyof Defaults]: Signal<Widened<Defaults[Key]>> };
}

function parse(text: string | undefined, initial: UrlValue): UrlValue {
  if (text === undefined) return initial;
  if (typeof initial === "boolean") return text === "true" || (text === "false" ? false : initial);
  if (typeof initial === "string") return text;
  const number = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : initial;
}
