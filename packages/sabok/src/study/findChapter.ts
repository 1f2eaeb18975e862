// A chapter by its number.
import { SabokError, nearestNames } from "../core/index.ts";
import type { Chapter } from "./chapter.ts";
import { chapters } from "./chapters.ts";

/** The chapter of an id such as "1.3". Throws a SabokError that lists what there is. */
export function findChapter(id: string): Chapter {
  const found = chapters.find((chapter) => chapter.id === id);
  if (found) return found;
  const ids = chapters.map((chapter) => chapter.id);
  const nearest = nearestNames(id, ids, 1)[0];
  throw new SabokError(
    `There is no chapter "${id}".${nearest ? ` Did you mean ${nearest}?` : ""} The chapters are ${ids.join(", ")}.`,
  );
}
