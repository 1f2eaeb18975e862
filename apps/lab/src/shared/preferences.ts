// The reader's preferences, kept for the next visit where the browser allows it.

/** What was kept under a name. */
export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(`sabok.${name}`) ?? undefined;
  } catch {
    return undefined; // storage is blocked for this page
  }
}

/** Keeps a value; without storage it lasts as long as the page. */
export function keepPreference(name: string, value: string): void {
  try {
    localStorage.setItem(`sabok.${name}`, value);
  } catch {
    return;
  }
}
