// Every chapter, in the order of the problem set.
import type { Chapter } from "./chapter.ts";
import { chapter as chapter11 } from "./1.1/chapter.ts";
import { chapter as chapter12 } from "./1.2/chapter.ts";
import { chapter as chapter13 } from "./1.3/chapter.ts";
import { chapter as chapter14 } from "./1.4/chapter.ts";
import { chapter as chapter15 } from "./1.5/chapter.ts";
import { chapter as chapter16 } from "./1.6/chapter.ts";

export const chapters: readonly Chapter[] = [
  chapter11,
  chapter12,
  chapter13,
  chapter14,
  chapter15,
  chapter16,
];
