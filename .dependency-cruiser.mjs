// The room table of docs/architecture.md as rules. `npm run rooms` checks them.
import { publicEntries } from "./tools/publicEntries.mjs";

// Top to bottom. A room imports only rooms of the lines below its own.
const lines = [
  ["study", "recipes", "node"],
  ["search", "compress", "session"],
  ["train", "analysis", "onnx"],
  ["nn", "runtime", "data", "report"],
  ["autodiff", "passes", "backends"],
  ["ops"],
  ["graph"],
  ["core"],
];

// A production dependency is used in one room only.
const packageRooms = {
  sharp: "node",
  protobufjs: "onnx",
  flatbuffers: "onnx",
  "@dagrejs/dagre": "analysis",
  "@observablehq/plot": "report",
  linkedom: "report",
  katex: "report",
  marked: "report",
  "@fontsource-variable/vazirmatn": "report",
};

const source = "^packages/sabok/src";
const test = "\\.test\\.ts$";
const entryFiles = Object.values(publicEntries).map((path) => path.replaceAll(".", "\\."));

/** Rules with `from` and `to`, all of them errors. */
const rules = [];
const forbid = (name, comment, from, to) => rules.push({ name, comment, severity: "error", from, to });

lines.forEach((line, depth) => {
  for (const room of line) {
    const shut = [...lines.slice(0, depth).flat(), ...line.filter((other) => other !== room)];
    if (shut.length === 0) continue;
    forbid(
      `${room}-imports-down`,
      `${room} may import only the rooms below its line: ${lines
        .slice(depth + 1)
        .flat()
        .join(", ")}`,
      { path: `${source}/${room}/`, pathNot: test },
      { path: `${source}/(${shut.join("|")})/` },
    );
  }
});

forbid(
  "backends-apart",
  "One backend never imports another; what they share lies directly in src/backends.",
  { path: `${source}/backends/([^/]+)/`, pathNot: test },
  { path: `${source}/backends/[^/]+/`, pathNot: `${source}/backends/$1/` },
);
forbid(
  "known-rooms",
  "A new room needs its line in .dependency-cruiser.mjs and in docs/architecture.md.",
  {},
  { path: `${source}/[^/]+/`, pathNot: `${source}/(${lines.flat().join("|")})/` },
);
forbid(
  "no-import-of-the-front",
  "src/index.ts gathers the rooms; no room imports it back.",
  { path: `${source}/[^/]+/`, pathNot: test },
  { path: `${source}/[^/]+\\.ts$` },
);
forbid(
  "node-only-in-src-node",
  "What needs Node stands under src/node.",
  { path: source, pathNot: [`${source}/node/`, test] },
  { dependencyTypes: ["core"] },
);
for (const [name, room] of Object.entries(packageRooms)) {
  forbid(
    `${name}-only-in-${room}`,
    `${name} is used in src/${room} only.`,
    { path: source, pathNot: [`${source}/${room}/`, test] },
    { path: `node_modules/${name}/` },
  );
}
forbid(
  "kernels-only-in-wasm",
  "Only the wasm backend loads the kernels.",
  { path: "^(packages/sabok|apps)/", pathNot: [`${source}/backends/wasm/`, test] },
  { path: "^packages/kernels/" },
);
forbid(
  "apps-use-public-exports",
  "Apps import `sabok` and its subpaths, nothing deeper.",
  { path: "^apps/", pathNot: test },
  { path: "^packages/", pathNot: `^packages/sabok/(${entryFiles.join("|")})$` },
);
forbid(
  "apps-use-package-names",
  "Apps name the package; they never reach into it by a relative path.",
  { path: "^apps/" },
  { path: "^packages/", dependencyTypesNot: ["aliased"] },
);
forbid(
  "library-below-apps",
  "The library never imports an app or a tool.",
  { path: "^packages/", pathNot: test },
  { path: "^(apps|tools)/" },
);
forbid("no-test-imports", "Only tests import tests.", { pathNot: test }, { path: test });
forbid(
  "no-dev-dependencies",
  "What is published imports production dependencies only (the kernels are bundled).",
  { path: "^(packages/sabok|apps)/", pathNot: [test, "\\.config\\.ts$", "^apps/[^/]+/test/"] },
  { dependencyTypes: ["npm-dev"], pathNot: "^packages/kernels/" },
);
forbid("resolvable", "The import leads nowhere.", {}, { couldNotResolve: true });
forbid(
  "no-orphans",
  "The file imports nothing and nothing imports it.",
  { orphan: true, pathNot: [test, "\\.d\\.ts$", "\\.config\\.ts$", "/(index|main)\\.ts$"] },
  {},
);

export default {
  forbidden: rules,
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages|apps)/[^/]+/(dist|bin)/" },
    tsPreCompilationDeps: true, // a type import counts as an import
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".mjs", ".js", ".json", ".d.ts"],
    },
  },
};
