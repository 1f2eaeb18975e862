// What the page and the worker say to each other.

export type ToWorker =
  | { readonly kind: "call"; readonly id: number; readonly name: string; readonly request: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "load"; readonly name: string };

/** An error as it travels: `mendable` says that its message is meant for the user. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly mendable: boolean;
}

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly id: number; readonly report: unknown }
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SentError };

/** The lock that a worker holds for as long as it lives. */
export const lockName = (key: string): string => `sabok.engine.${key}`;
