// sabok lab: serves the built Lab on this machine, with the headers that give its engine threads.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { SabokError } from "sabok";
import { namedNetwork } from "sabok/models";
import sirv from "sirv";
import { UsageError, defineCommand } from "../command.ts";
import { abortOnSignals } from "../interrupts.ts";

/** Without these two a page has no SharedArrayBuffer, and the engine one thread. */
const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const modelFiles: readonly string[] = [".onnx", ".tflite"];
const usualPort = 5417;

export const labCommand = defineCommand({
  name: "lab",
  summary: "open the Lab in a browser: a network seen, trained and designed",
  description:
    "Serves the Lab on this machine and prints its address; nothing is sent anywhere. With a model (a name, blocks in timm's notation, or " +
    "an ONNX or TFLite file) the Network room opens with it.",
  args: {
    model: {
      type: "positional",
      required: false,
      description: "A model's name, blocks, or a .onnx or .tflite file",
      valueHint: "model",
    },
    port: {
      type: "string",
      description: `Port to listen on (default ${usualPort}, or the next free one)`,
      valueHint: "n",
    },
    host: {
      type: "string",
      description: "Address to listen on (default 127.0.0.1: this machine only)",
      valueHint: "address",
    },
  },
  examples: [
    ["sabok lab", "The Lab with MobileNetV2"],
    ["sabok lab mobilenet_v3_small", "With another model"],
    ["sabok lab runs/first/model.onnx", "With a network of one's own"],
  ],
  async run({ model, port, host = "127.0.0.1" }, terminal) {
    const given = model === undefined ? undefined : givenModel(model);
    const server = labServer(labFolder(), given?.file);
    const address = await listen(server, host, port === undefined ? undefined : readPort(port));
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${address}/${given?.hash ?? ""}`;
    terminal.document({ type: "lab", url });
    terminal.line(`The Lab is at ${terminal.colors.bold(url)}\nCtrl-C ends it.`);
    const controller = new AbortController();
    const restore = abortOnSignals(controller, terminal, "Ending the Lab.");
    await new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve()));
    restore();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return 0;
  },
});

interface GivenModel {
  /** What opens it in the Network room. */
  readonly hash: string;
  readonly file?: string;
}

/** Throws where it is no file, no model's name and no block string. */
function givenModel(model: string): GivenModel {
  const query = (entries: Record<string, string>): string =>
    `#/network?${new URLSearchParams(entries).toString()}`;
  if (modelFiles.includes(extname(model).toLowerCase())) {
    if (!existsSync(model)) throw new SabokError(`There is no file ${model}.`);
    return { hash: query({ model: "file", file: basename(model), served: "true" }), file: model };
  }
  namedNetwork(model, { classes: 2 });
  return { hash: query(/[\s_]c\d|\s/.test(model) ? { model: "blocks", blocks: model } : { model }) };
}

/** The built Lab, beside the built command. */
function labFolder(): string {
  const found = ["../../lab/dist/", "../../../lab/dist/"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}index.html`));
  if (found === undefined)
    throw new SabokError(
      "The Lab is not built. Run npm run lab in the project's folder, which builds it first.",
    );
  return found;
}

/** Serves a folder, and one file of a model as /served/<name>. */
export function labServer(folder: string, file?: string): Server {
  const serve = sirv(folder, { etag: true });
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(isolationHeaders)) response.setHeader(name, value);
    const path = decodeURIComponent((request.url ?? "/").split("?")[0]!);
    if (file !== undefined && path === `/served/${basename(file)}`) {
      response.setHeader("Content-Type", "application/octet-stream");
      response.end(readFileSync(file));
      return;
    }
    serve(request, response, () => {
      response.statusCode = 404;
      response.end("Not found");
    });
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port takes a whole number from 0 to 65535; got "${text}".`);
  return port;
}

/** Listens on the wished port; where none is wished, on the usual one or a free one. Resolves to the port. */
async function listen(server: Server, host: string, wished: number | undefined): Promise<number> {
  const tryPort = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  try {
    return await tryPort(wished ?? usualPort);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && wished === undefined) return tryPort(0);
    if (code === "EADDRINUSE") throw new SabokError(`Port ${wished} is taken; give another --port, or none.`);
    throw error;
  }
}
