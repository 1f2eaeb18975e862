// A titled part of a room.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** One sentence below the title. */
  readonly lead?: ComponentChildren;
  /** Controls at the end of the title's line. */
  readonly actions?: ComponentChildren;
  readonly class?: string;
}

/** A section with a heading (level 2) that names it. */
export function Panel({ title, children, lead, actions, class: extra = "" }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${extra}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
        {lead && <p class="lead">{lead}</p>}
      </header>
      {children}
    </section>
  );
}

export interface Fact {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
}

/** Large numbers with their names: the figures of a view. */
export function Facts({ facts, label }: { readonly facts: readonly Fact[]; readonly label?: string }) {
  return (
    <dl class="facts" aria-label={label}>
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>
            <span class="figure">{fact.value}</span>
            {fact.note && <span class="note">{fact.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
