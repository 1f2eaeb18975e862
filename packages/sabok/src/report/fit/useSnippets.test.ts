import { expect, it } from "vitest";
import { fashionClasses, sampleReport } from "./sampleReport.ts";
import { nodeRuntimeSnippet, sabokSnippet, webPageSnippet } from "./useSnippets.ts";

const hostile = [`</script>"T`, "a\u2028b", "`${x}`", "it's"];
const programs = { sabokSnippet, nodeRuntimeSnippet, webPageSnippet };

/** The class list a program declares, as JavaScript reads it. */
function classesIn(program: string): unknown {
  const declaration = /const classes = (\[[^]*?\]);\n/.exec(program)![1]!;
  return JSON.parse(declaration.replace(/,\s*\]$/, "]"));
}

it.each(Object.entries(programs))("%s carries the classes and the normalisation", (_, snippet) => {
  const report = sampleReport({ channels: 3, side: 32, testImages: 10 });
  const program = snippet(report);
  expect(classesIn(program)).toEqual(fashionClasses);
  expect(program).toContain("const mean = [0.4914, 0.4822, 0.4465];");
  expect(program).toContain("const std = [0.247, 0.2435, 0.2616];");
  expect(classesIn(snippet(sampleReport({ classes: hostile, testImages: 8 })))).toEqual(hostile);
});

it("keeps a class name from ending the page's script", () => {
  const page = webPageSnippet(sampleReport({ classes: hostile, testImages: 8 }));
  expect(page.match(/<\/script>/g)).toHaveLength(1);
});
