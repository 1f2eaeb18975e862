// Which network a view is about: said by the page with every call, so that a new engine can always make it again.

export type NetworkSpec = (
  | { readonly kind: "model"; readonly name: string }
  | { readonly kind: "blocks"; readonly text: string }
  | { readonly kind: "file"; readonly id: string }
) & {
  /** Factor of the channels; of models and blocks. */
  readonly width: number;
  /** The image's height and width; 0: as the file has it. */
  readonly size: number;
  readonly classes: number;
  /** A weights file that was read before, by its id. */
  readonly weights?: string;
};

/** The same text for the same network. */
export function keyOf(spec: NetworkSpec): string {
  return JSON.stringify(spec);
}
