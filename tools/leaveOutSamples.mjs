// A plugin for bundlers: operators without `doc`, `*samples()` and `rejects`, which only tests read. Lines keep their numbers.

/** @typedef {{ type: string, start: number, end: number, properties?: Node[], key?: { name?: string }, value?: { generator?: boolean } }} Node */

/** Samples are a generator; another member of that name is something else. @param {Node} member */
function isForTests({ key, value }) {
  return (
    key?.name === "doc" || key?.name === "rejects" || (key?.name === "samples" && value?.generator === true)
  );
}

/** @returns {import("rolldown").Plugin} */
export function leaveOutSamples() {
  return {
    name: "sabok-leave-out-samples",
    transform: {
      filter: { id: /[\\/]src[\\/]ops[\\/]\w+\.ts$/ },
      handler(code) {
        let shorter = code;
        for (const { start, end } of membersForTests(this.parse(code, { lang: "ts" })))
          shorter =
            shorter.slice(0, start) +
            shorter.slice(start, end).replaceAll(/[^\n]/g, " ") +
            shorter.slice(end);
        return { code: shorter, map: null };
      },
    },
  };
}

/** Those members of object literals, each to the end of its comma. @param {unknown} tree @returns {Node[]} */
function membersForTests(tree) {
  if (typeof tree !== "object" || tree === null) return [];
  if (Array.isArray(tree)) return tree.flatMap(membersForTests);
  const { type, properties = [], end } = /** @type {Node} */ (tree);
  if (type !== "ObjectExpression") return Object.values(tree).flatMap(membersForTests);
  return properties.flatMap((member, i) =>
    isForTests(member) ? [{ ...member, end: properties[i + 1]?.start ?? end - 1 }] : membersForTests(member),
  );
}
