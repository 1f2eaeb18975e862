// Every group, in the order of the page.
import { accuracy } from "./accuracy.mjs";
import { bundle } from "./bundle.mjs";
import { coldStart } from "./coldStart.mjs";
import { inference } from "./inference.mjs";
import { memory } from "./memory.mjs";
import { operators } from "./operators.mjs";
import { threads } from "./threads.mjs";
import { training } from "./training.mjs";

export const groups = { training, accuracy, inference, operators, coldStart, bundle, threads, memory };
