// A chapter's number as its language writes it: "1.3", or ۱٫۳.
import type { Language } from "../../shared/words.ts";

export function chapterNumber(id: string, language: Language): string {
  if (language === "en") return id;
  return id.replaceAll(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[Number(digit)]!).replaceAll(".", "٫");
}
