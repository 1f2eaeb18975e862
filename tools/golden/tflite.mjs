// Writes packages/sabok/golden/tflite/*.tflite from cases.json beside them, which tflite.py makes with PyTorch:
//   /usr/bin/python3 tools/golden/make.py tflite && node tools/golden/tflite.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setUp.mjs";
import { writeTflite } from "./writeTflite.mjs";

const folder = join(root, "packages/sabok/golden/tflite");
for (const { name, model } of JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")))
  writeFileSync(join(folder, `${name}.tflite`), writeTflite(model));
