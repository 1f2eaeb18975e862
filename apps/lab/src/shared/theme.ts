// Light or dark: the system's choice until the reader makes one.
import { computed, signal } from "@preact/signals";
import { keepPreference, readPreference } from "./preferences.ts";

type Theme = "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));
const chosen = signal(readChosen());

/** The theme that is shown. A component that draws on a canvas reads it, to be drawn again when the colours change. */
export const theme = computed<Theme>(() => chosen.value ?? (systemDark.value ? "dark" : "light"));

/** Sets the theme and keeps it for the next visit. */
export function chooseTheme(next: Theme): void {
  keepPreference("theme", next);
  chosen.value = next;
}

function readChosen(): Theme | undefined {
  const kept = readPreference("theme");
  return kept === "light" || kept === "dark" ? kept : undefined;
}
