// The font a language brings along.
import type { Language } from "./language.ts";

/** Rules for `page`'s style: Persian pages carry their own font, English ones use the system's. */
export async function languageStyle(lang: Language): Promise<string> {
  return lang === "fa" ? (await import("./persianFont.ts")).persianFont : "";
}
