// Every chapter, in the order of the problem set.
import type { Chapter } from "./chapter.ts";
import { chapter as chapter11 } from "./1.1/chapter.ts";
import { chapter as chapter13 } from "./1.3/chapter.ts";

export const chapters: readonly Chapter[] = [chapter11, chapter13];
