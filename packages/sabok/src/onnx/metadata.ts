// What a model file says about the model beside its graph: enough to go from a picture to a class name.
import { SabokError } from "../core/index.ts";

export interface ModelMetadata {
  /** One sentence or more for people. */
  readonly description?: string;
  /** The classes' names, in the order of the logits. */
  readonly classes?: readonly string[];
  /** Per channel, in [0, 1]: what is subtracted from a pixel … */
  readonly mean?: readonly number[];
  /** … and what it is then divided by. */
  readonly std?: readonly number[];
  /** [C, H, W] of an image as the network was trained on it. */
  readonly inputSize?: readonly number[];
  /** Whatever else is to be kept, by name. */
  readonly properties?: Readonly<Record<string, string>>;
}

type Known = Exclude<keyof ModelMetadata, "description" | "properties">;

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");
const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => Number.isFinite(entry));

const known: Readonly<Record<Known, (value: unknown) => boolean>> = {
  classes: isStrings,
  mean: isNumbers,
  std: isNumbers,
  inputSize: isNumbers,
};

/** The value as metadata; throws SabokError where a field is not of its kind. */
export function expectMetadata(value: unknown): ModelMetadata {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SabokError("The model's metadata is not an object.");
  const { description = "", properties = {}, ...lists } = value as Readonly<Record<string, unknown>>;
  const wrong = Object.entries(lists).find(
    ([name, list]) => !Object.hasOwn(known, name) || !known[name as Known](list),
  );
  if (wrong)
    throw new SabokError(
      `The model's metadata has ${wrong[0]} ${JSON.stringify(wrong[1])}, which is not what that field holds.`,
    );
  if (
    typeof description !== "string" ||
    typeof properties !== "object" ||
    properties === null ||
    !isStrings(Object.values(properties))
  )
    throw new SabokError("The model's metadata has a description or properties that are not text.");
  return value;
}

/** The metadata but the description as named strings; lists are JSON. */
export function metadataToProperties(metadata: ModelMetadata): Record<string, string> {
  const properties: Record<string, string> = { ...metadata.properties };
  for (const name of Object.keys(known) as Known[]) {
    if (Object.hasOwn(properties, name))
      throw new SabokError(`metadata: the property "${name}" has a field of its own; give it there.`);
    if (metadata[name]) properties[name] = JSON.stringify(metadata[name]);
  }
  return properties;
}

/** The inverse. What does not read as one of ours, in a file that others wrote, stays among the properties. */
export function metadataFromProperties(
  properties: Iterable<readonly [string, string]>,
  description = "",
): ModelMetadata {
  const lists: Partial<Record<Known, unknown>> = {};
  const others: [string, string][] = [];
  for (const [name, text] of properties) {
    const value = Object.hasOwn(known, name) ? parsed(text) : undefined;
    if (value !== undefined && known[name as Known](value)) lists[name as Known] = value;
    else others.push([name, text]);
  }
  return {
    ...(description === "" ? {} : { description }),
    ...(lists as ModelMetadata),
    ...(others.length > 0 ? { properties: Object.fromEntries(others) } : {}),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
