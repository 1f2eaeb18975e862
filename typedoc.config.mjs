// `npm run docs`: the API reference of every public subpath, into docs/api.
import { publicEntries } from "./tools/publicEntries.mjs";

export default {
  name: "sabok",
  entryPoints: Object.values(publicEntries).map((path) => `packages/sabok/${path}`),
  tsconfig: "tsconfig.json",
  out: "docs/api",
  readme: "none",
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  includeVersion: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
};
