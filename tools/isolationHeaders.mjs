/** The COOP and COEP headers that give a page SharedArrayBuffer, and with it threads. */
export const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
