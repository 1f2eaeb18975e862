import { expect, it } from "vitest";
import { escapeHtml, html, trustedMarkup } from "./html.ts";

it("escapes text in elements and in attributes", () => {
  const hostile = `<script>alert("x")</script> & 'y'`;
  expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
    `<p title="${escapeHtml(hostile)}">${escapeHtml(hostile)}</p>`,
  );
  expect(escapeHtml(hostile)).toBe("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;");
});

it("nests markup, joins arrays, and prints nothing for what is absent", () => {
  const items = ["a<", "b"].map((text) => html`<i>${text}</i>`);
  expect(html`${items}${undefined}${false}${0}${trustedMarkup("<hr>")}`.markup).toBe(
    "<i>a&lt;</i><i>b</i>0<hr>",
  );
});
