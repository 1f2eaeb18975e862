// The page's lint: each rule once, with where it applies and how much it matters there.
import { html, table, type Section } from "../../report/index.ts";
import type { Finding } from "../lint/rule.ts";
import { breakable } from "./parts.ts";

export function lintSection(findings: readonly Finding[]): Section {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return {
    id: "lint",
    title: "Lint",
    body:
      findings.length === 0
        ? html`<p>Nothing was found.</p>`
        : html`${rules.map((rule) => {
            const own = findings.filter((finding) => finding.rule === rule);
            const [first] = own;
            return html`<h3>
                ${rule}
                <span class="muted">· ${first!.severity}${own.length > 1 && `, ${own.length} times`}</span>
              </h3>
              <p>${first!.message}</p>
              ${table<Finding>({
                caption: `Where, and how much it matters`,
                columns: [
                  { title: "Layer", value: ({ node }) => breakable(node) },
                  { title: "Effect", value: ({ effect }) => effect },
                ],
                rows: own,
              })}
              <p><strong>Fix.</strong> ${first!.fix}</p>`;
          })}`,
  };
}
