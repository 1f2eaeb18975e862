// Every chapter, in the order of the problem set.
import type { Chapter } from "./chapter.ts";
import { chapter as chapter11 } from "./1.1/chapter.ts";
import { chapter as chapter12 } from "./1.2/chapter.ts";
import { chapter as chapter13 } from "./1.3/chapter.ts";
import { chapter as chapter14 } from "./1.4/chapter.ts";
import { chapter as chapter15 } from "./1.5/chapter.ts";
import { chapter as chapter16 } from "./1.6/chapter.ts";
import { chapter as chapter21 } from "./2.1/chapter.ts";
import { chapter as chapter22 } from "./2.2/chapter.ts";
import { chapter as chapter31 } from "./3.1/chapter.ts";
import { chapter as chapter32 } from "./3.2/chapter.ts";
import { chapter as chapter41 } from "./4.1/chapter.ts";
import { chapter as chapter42 } from "./4.2/chapter.ts";
import { chapter as chapter43 } from "./4.3/chapter.ts";
import { chapter as chapter44 } from "./4.4/chapter.ts";
import { chapter as chapter51 } from "./5.1/chapter.ts";
import { chapter as chapter52 } from "./5.2/chapter.ts";
import { chapter as chapter53 } from "./5.3/chapter.ts";
import { chapter as chapter611 } from "./6.1.1/chapter.ts";
import { chapter as chapter612 } from "./6.1.2/chapter.ts";
import { chapter as chapter613 } from "./6.1.3/chapter.ts";
import { chapter as chapter621 } from "./6.2.1/chapter.ts";
import { chapter as chapter622 } from "./6.2.2/chapter.ts";
import { chapter as chapter623 } from "./6.2.3/chapter.ts";
import { chapter as chapter631 } from "./6.3.1/chapter.ts";
import { chapter as chapter632 } from "./6.3.2/chapter.ts";
import { chapter as chapter641 } from "./6.4.1/chapter.ts";
import { chapter as chapter642 } from "./6.4.2/chapter.ts";

export const chapters: readonly Chapter[] = [
  chapter11,
  chapter12,
  chapter13,
  chapter14,
  chapter15,
  chapter16,
  chapter21,
  chapter22,
  chapter31,
  chapter32,
  chapter41,
  chapter42,
  chapter43,
  chapter44,
  chapter51,
  chapter52,
  chapter53,
  chapter611,
  chapter612,
  chapter613,
  chapter621,
  chapter622,
  chapter623,
  chapter631,
  chapter632,
  chapter641,
  chapter642,
];
