// Compiled networks, kept while they are looked at: a picture goes through without compiling again. One thread each: a run
// that is watched value by value runs on the thread that watches.
import { SabokError, compile, type Session } from "sabok";
import { countParameters } from "sabok/analysis";
import { openNetwork } from "./networks.ts";
import { keyOf, type NetworkSpec } from "./spec.ts";

/** Weights that a page can hold beside the session's own copy. Bytes. */
const mostWeights = 2 ** 30;

const sessions = new Map<string, Promise<Session>>();
const mostSessions = 2;

/** Throws SabokError where a network's weights alone are more than a page can hold: before anything is drawn. */
export function expectFits(spec: NetworkSpec): void {
  const bytes = 4 * countParameters(openNetwork(spec).graph);
  if (bytes > mostWeights)
    throw new SabokError(
      `This network's weights take ${(bytes / 2 ** 30).toFixed(1)} GiB, and a page runs networks of up to ${mostWeights / 2 ** 30} GiB. Take fewer channels, classes or blocks; its costs are shown all the same.`,
    );
}

/** The session of a network, compiled when it is first asked for; the oldest is closed when there are too many. */
export function sessionOf(spec: NetworkSpec): Promise<Session> {
  const key = keyOf(spec);
  const session = sessions.get(key) ?? compile(openNetwork(spec));
  sessions.delete(key);
  sessions.set(key, session);
  session.catch(() => sessions.delete(key));
  if (sessions.size > mostSessions) {
    const [oldest, ending] = sessions.entries().next().value!;
    sessions.delete(oldest);
    ending.then(
      (old) => old.close(),
      () => {},
    );
  }
  return session;
}
