#!/usr/bin/env node
// The sabok command: runs the built program (dist/ is made by `npm run build:cli`).
import "../dist/main.js";
