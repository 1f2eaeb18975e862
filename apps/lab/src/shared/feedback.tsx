// What the Lab says back: messages, errors, progress with its reason.
import type { ComponentChildren } from "preact";
import { EngineError, EngineLostError } from "../engine/engine.ts";
import { Button } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { sharedWords } from "./sharedWords.ts";
import { useNumbers, useWords } from "./words.ts";

export interface MessageProps {
  readonly kind?: "info" | "good" | "warning" | "error";
  readonly title?: string;
  readonly children?: ComponentChildren;
  /** Buttons that answer the message. */
  readonly actions?: ComponentChildren;
}

const icons = { info: "info", good: "check", warning: "warning", error: "warning" } as const;

/** A message beside what it is about. An error is announced at once. */
export function Message({ kind = "info", title, children, actions }: MessageProps) {
  return (
    <div class={`message ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon name={icons[kind]} />
      <div>
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
        {actions && <div class="actions">{actions}</div>}
      </div>
    </div>
  );
}

export interface ErrorMessageProps {
  /** Whatever was thrown; nothing is shown for undefined and for a cancelled call. */
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: (() => void) | undefined;
}

/** An error as its reader can use it: what the user can mend in our words, a fault of ours with its details. */
export function ErrorMessage({ error, title, onRetry }: ErrorMessageProps) {
  const words = useWords(sharedWords);
  if (error === undefined || isAbort(error)) return null;
  const actions = onRetry && <Button onClick={onRetry}>{words.again}</Button>;
  const shown = (text: ComponentChildren) => (
    <Message kind="error" {...(title ? { title } : {})} actions={actions}>
      {text}
    </Message>
  );
  if (error instanceof EngineLostError) return shown(words.engineLost(error.message));
  if (isOutOfMemory(error)) return shown(words.outOfMemory);
  if (isMendable(error)) return shown(<bdi class="said">{error.message}</bdi>);
  return shown(
    <>
      {words.fault}
      <details>
        <summary>{words.details}</summary>
        <pre dir="ltr" tabIndex={0}>
          {error instanceof Error ? (error.stack ?? error.message) : `${error as string}`}
        </pre>
      </details>
    </>,
  );
}

function isAbort(error: unknown): boolean {
  return (error instanceof Error || error instanceof DOMException) && error.name === "AbortError";
}

function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "RangeError" &&
    /memory|allocation|array length/i.test(error.message)
  );
}

function isMendable(error: unknown): error is Error {
  if (error instanceof EngineError) return error.mendable;
  return error instanceof Error && /^(SabokError|ShapeError|NonFiniteError|UserError)$/.test(error.name);
}

/** An error whose message is meant for the user: a file that is no picture, a box that is empty. */
export class UserError extends Error {
  override readonly name = "UserError";
}

export interface ProgressProps {
  /** What is being done, and why it takes a while. */
  readonly label: string;
  /** Share done, 0 to 1; left out where it is not known. */
  readonly value?: number | undefined;
  readonly onCancel?: (() => void) | undefined;
}

/** Work under way: its reason, how far it is, and a way out. */
export function Progress({ label, value, onCancel }: ProgressProps) {
  const words = useWords(sharedWords);
  const numbers = useNumbers();
  return (
    <div class="progress">
      <div>
        <span role="status">{label}</span>
        {value !== undefined && <span class="muted">{numbers.percent(value, 0)}</span>}
        {onCancel && <Button onClick={onCancel}>{words.cancel}</Button>}
      </div>
      <progress aria-label={label} max={1} {...(value === undefined ? {} : { value })} />
    </div>
  );
}
