// The URL's hash, `#/<room>?key=value`, as signals. `lang` is the shell's own key; every other belongs to the room.
import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { language, readLanguage } from "../shared/words.ts";
import { UrlState } from "../shared/useUrlState.ts";
import { roomNames, type RoomName } from "./rooms.ts";

const current = signal<RoomName>("network");
const states = new Map<RoomName, UrlState>();

/** The room that is open. */
export const room: ReadonlySignal<RoomName> = current;

/** A room's parameters; kept while another room is open. */
export function stateOf(name: RoomName): UrlState {
  let state = states.get(name);
  if (!state) states.set(name, (state = new UrlState({}, () => name === current.peek() && replaceUrl())));
  return state;
}

/** The hash that opens a room as it was left, or with the given parameters. */
export function hrefOf(name: RoomName, params = stateOf(name).params.value): string {
  const query = new URLSearchParams({ ...params, lang: language.value }).toString();
  return `#/${name}?${query}`;
}

/** Follows the URL, and keeps the language in it. Called once. */
export function startRouter(): void {
  readUrl();
  addEventListener("hashchange", readUrl);
  effect(() => {
    void language.value;
    replaceUrl();
  });
}

function readUrl(): void {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const { lang, ...params } = Object.fromEntries(new URLSearchParams(query));
  const found = roomNames.find((name) => name === path) ?? "network";
  language.value = readLanguage(lang);
  stateOf(found).params.value = params;
  current.value = found;
}

function replaceUrl(): void {
  const href = hrefOf(current.peek(), stateOf(current.peek()).params.peek());
  if (location.hash !== href) history.replaceState(history.state, "", href);
}
