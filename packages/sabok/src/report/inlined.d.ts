// Files carried inside the JavaScript: text, and fonts as data URIs. Vite and Vitest read these imports themselves, tsdown
// through tools/rawImports.mjs.
declare module "*?raw" {
  const text: string;
  export default text;
}

declare module "*?inline" {
  const dataUri: string;
  export default dataUri;
}
