import { describe, expect, test } from "vitest";
import { defaults, parseCount } from "sabok/recipes";
import {
  bounded,
  commandOf,
  defaultSettings,
  differences,
  fromLogarithm,
  requestOf,
  usualRate,
  type Settings,
} from "./settings.ts";

const settings: Settings = defaultSettings;

test("the usual rate is the recipe's", () => {
  expect(usualRate("adamw", defaults.referenceBatch)).toBe(defaults.adamw.learningRate);
  expect(usualRate("sgd", defaults.referenceBatch)).toBe(defaults.sgd.learningRate);
  expect(usualRate("adamw", 4 * 64)).toBe(0.008);
  expect(usualRate("sgd", 32)).toBe(0.05);
});

test("sliders along the logarithm give round numbers", () => {
  expect([3, 3.3, 5.7, -2.4].map(fromLogarithm)).toEqual([1000, 2000, 500_000, 0.004]);
});

test("what the URL holds is brought within bounds", () => {
  const wild = bounded({
    ...settings,
    batch: 0.4,
    epochs: 1e9,
    rate: 50,
    network: "x",
    optimizer: "sgd",
    threads: -1,
  });
  expect(wild).toMatchObject({
    batch: 2,
    epochs: 200,
    rate: 1,
    network: "budget",
    optimizer: "sgd",
    threads: 0,
  });
  expect(bounded(settings)).toEqual(settings);
});

test("the request takes the chosen network and the optimiser's own rate", () => {
  const given = { run: "1", source: { kind: "fashion-mnist" }, threads: 2, held: false } as const;
  expect(requestOf(settings, given)).toMatchObject({
    network: { kind: "budget", macs: 1_000_000 },
    training: { optimizer: "adamw", learningRate: 0.004, batch: 64, epochs: 4, seed: 1 },
    threads: 2,
  });
  expect(requestOf({ ...settings, network: "blocks", blocks: " ds_r1_k3_s1_c16 " }, given).network).toEqual({
    kind: "blocks",
    blocks: "ds_r1_k3_s1_c16",
  });
});

describe("the command that does the same", () => {
  test("of the embedded images", () => {
    expect(commandOf(settings)).toBe(
      "sabok fit fashion-mnist --budget 1000000 --optimizer adamw --lr 0.004 --batch 64 --epochs 4 --seed 1",
    );
    expect(parseCount("1000000")).toBe(settings.macs);
  });

  test("of dropped images, with blocks", () => {
    const own = {
      ...settings,
      data: "dropped",
      dropped: "photos",
      network: "blocks",
      blocks: "ds_r1_k3_s1_c16",
    };
    expect(commandOf(own)).toMatch(/^sabok fit photos --blocks "ds_r1_k3_s1_c16" .* --size 32$/);
  });
});

describe("differences", () => {
  test("are the settings that differ, with both values; idle ones are none", () => {
    expect(differences(settings, settings)).toEqual([]);
    expect(differences(settings, { ...settings, size: 64, blocks: "other", seed: 2 })).toEqual([
      { name: "seed", values: [1, 2] },
    ]);
  });

  test("a rate left to the optimiser is shown as it is used", () => {
    expect(differences(settings, { ...settings, optimizer: "sgd" })).toEqual([
      { name: "optimizer", values: ["adamw", "sgd"] },
      { name: "rate", values: [0.004, 0.1] },
    ]);
  });
});
