import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { chapters, studyPage } from "./index.ts";
test("pages", { timeout: 600000 }, async () => {
  const ids = (process.env["IDS"] ?? "1.1").split(",");
  for (const chapter of chapters.filter((c) => ids.includes(c.id)))
    for (const lang of ["en", "fa"] as const) {
      const t = performance.now();
      const result = await chapter.run({});
      console.log(chapter.id, "run", performance.now() - t);
      writeFileSync(`/tmp/${chapter.id}.${lang}.html`, await studyPage(chapter, {}, result, lang));
    }
});
