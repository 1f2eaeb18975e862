import { design, designDefaults } from "sabok/analysis";
import { expect, test } from "vitest";
import { designUrlDefaults, optionsOf, readList, toggled } from "./designOptions.ts";

test("the defaults of the URL are the library's own question, padded and with 16 channels", async () => {
  const read = optionsOf(designUrlDefaults);
  expect(read).toEqual({ options: { ...designDefaults, cost: "same", channels: 16 } });
  const [own, library] = await Promise.all([
    design("options" in read ? read.options : {}),
    design({ cost: "same", channels: 16 }),
  ]);
  expect(own.best).toEqual(library.best);
});

test("numbers out of range are brought in; a range turned round is mended", () => {
  const read = optionsOf({
    ...designUrlDefaults,
    height: 1e9,
    width: -3,
    threshold: 7,
    from: 9,
    to: 2,
    dilation: 0,
  });
  expect(read).toMatchObject({ options: { input: [256, 8], threshold: 1, layers: [9, 9], maxDilation: 1 } });
  expect(optionsOf({ ...designUrlDefaults, measure: "x", cost: "y", coverage: "z" })).toMatchObject({
    options: { measure: "each", cost: "valid", coverage: "final" },
  });
});

test("what is no list, or a list of the wrong length, is said", () => {
  expect(optionsOf({ ...designUrlDefaults, kernels: "" })).toEqual({ fault: { kind: "noKernel" } });
  expect(optionsOf({ ...designUrlDefaults, strides: "a" })).toEqual({ fault: { kind: "noStride" } });
  expect(optionsOf({ ...designUrlDefaults, channels: "3,x" })).toEqual({
    fault: { kind: "channelText", text: "3,x" },
  });
  expect(optionsOf({ ...designUrlDefaults, channels: "3,8,16" })).toEqual({
    fault: { kind: "channelCount", got: 3, expected: 6 },
  });
  expect(optionsOf({ ...designUrlDefaults, channels: "3,8,16", to: 2 })).toMatchObject({
    options: { channels: [3, 8, 16], layers: [1, 2] },
  });
});

test("lists: commas or spaces, whole numbers above 0; a number goes in and out in order", () => {
  expect(readList("3, 5 7")).toEqual([3, 5, 7]);
  for (const text of ["0", "1.5", "3,,5", "-1", "1e3"]) expect(readList(text)).toBeUndefined();
  expect(toggled("3,7", 5)).toBe("3,5,7");
  expect(toggled("3,5,7", 5)).toBe("3,7");
  expect(toggled("3", 3)).toBe("");
});
