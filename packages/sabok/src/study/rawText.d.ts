// A Markdown file as a string. Vite and Vitest read `?raw` themselves, tsdown through tools/rawImports.mjs.
declare module "*.md?raw" {
  const text: string;
  export default text;
}
