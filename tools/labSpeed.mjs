// How fast the Lab trains beside Node, in turns: images per second of the same network and settings, and the frames per second
// that the page keeps meanwhile.   node tools/labSpeed.mjs [rounds]   (after `npm run build`)
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sirv from "sirv";
import { launchBrowser } from "./browser.mjs";
import { isolationHeaders } from "./isolationHeaders.mjs";
import { root } from "./setUp.mjs";

const rounds = Number(process.argv[2] ?? 3);
const blocks = "stem_k3_s1_c16_nhs ds_r1_k3_s2_c16_nre ir_r1_k3_s1_e4_c24_nre ir_r1_k3_s2_e4_c32_nre";
const settings = { batch: "64", epochs: "2", threads: "1", seed: "1" };
const folder = mkdtempSync(join(tmpdir(), "sabok-lab-speed-"));

/** Images per second of the last epoch. */
function inNode() {
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, "apps/cli/bin/sabok.mjs"),
      "fit",
      "fashion-mnist",
      "--blocks",
      blocks,
      ...words,
      "--out",
      folder,
      "--force",
      "--json",
    ],
    { encoding: "utf8" },
  );
  const epochs = stdout
    .split("\n")
    .filter((line) => line.includes('"epoch"'))
    .map((line) => JSON.parse(line));
  return epochs.at(-1).imagesPerSecond;
}

const serve = sirv(join(root, "apps/lab/dist"), { dev: true });
const server = createServer((request, response) => {
  for (const [name, value] of Object.entries(isolationHeaders)) response.setHeader(name, value);
  serve(request, response, () => void response.writeHead(404).end());
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const browser = await launchBrowser();

async function inLab() {
  const page = await browser.newPage();
  const query = new URLSearchParams({ network: "blocks", blocks, ...settings, epochs: "20", lang: "en" });
  await page.goto(`http://127.0.0.1:${port}/#/train?${query}`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  const going = page.locator(".train-run .phase");
  await going.filter({ hasText: "Training" }).waitFor();
  // Two seconds in, five seconds long: frames drawn, and what the page says of its own speed each half second.
  await page.waitForTimeout(2000);
  const { frames, speeds } = await page.evaluate(async () => {
    const speed = [...document.querySelectorAll(".facts > div")].find((fact) =>
      fact.textContent?.startsWith("Images a second"),
    );
    const begin = performance.now();
    const speeds = [];
    let count = 0;
    for (; performance.now() - begin < 5000; count++) {
      await new Promise(requestAnimationFrame);
      const said = Number(speed?.querySelector(".figure")?.textContent?.replaceAll(/\D/g, ""));
      if (count % 30 === 0 && said > 0) speeds.push(said);
    }
    return { frames: count / 5, speeds };
  });
  const speed = speeds.sort((a, b) => a - b)[speeds.length >> 1] ?? NaN;
  await page.close();
  return { speed, frames };
}

console.log("Node images/s   Lab images/s   share   frames/s");
for (let round = 0; round < rounds; round++) {
  const node = inNode();
  const { speed, frames } = await inLab();
  const cells = [
    node.toFixed(0).padStart(13),
    speed.toFixed(0).padStart(14),
    (speed / node).toFixed(2).padStart(7),
    frames.toFixed(1).padStart(10),
  ];
  console.log(cells.join(" "));
}
await browser.close();
server.close();
rmSync(folder, { recursive: true, force: true });
