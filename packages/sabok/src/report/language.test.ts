import { describe, expect, it } from "vitest";
import { directionOf, numberWriter } from "./language.ts";

describe("numbers in English", () => {
  const write = numberWriter("en");

  it("groups integers and keeps significant digits", () => {
    expect(write.integer(2986432)).toBe("2,986,432");
    expect(write.significant(0.0123456, 3)).toBe("0.0123");
    expect(write.significant(7.629e-6, 2)).toBe("7.6e-6");
    expect(write.significant(0, 2)).toBe("0");
    expect(write.decimals(0.5, 4)).toBe("0.5000");
  });

  it("never rounds a share to all or to nothing", () => {
    expect(write.percent(0.8872, 1)).toBe("88.7\u202f%");
    expect(write.percent(1, 0)).toBe("100\u202f%");
    expect(write.percent(0.9999, 0)).toBe(">\u202f99\u202f%");
    expect(write.percent(0, 1)).toBe("0.0\u202f%");
    expect(write.percent(0.0001, 1)).toBe("<\u202f0.1\u202f%");
  });

  it("writes durations in the two largest units", () => {
    expect(write.duration(4.25)).toBe("4.3 s");
    expect(write.duration(59.7)).toBe("1 min 0 s");
    expect(write.duration(154)).toBe("2 min 34 s");
    expect(write.duration(7380)).toBe("2 h 3 min");
  });

  it("writes a dash for what is not a number", () => {
    expect([
      write.integer(NaN),
      write.significant(Infinity, 2),
      write.percent(NaN, 1),
      write.duration(NaN),
    ]).toEqual(["–", "–", "–", "–"]);
  });
});

it("writes Persian digits, right to left", () => {
  expect(directionOf("fa")).toBe("rtl");
  expect(numberWriter("fa").integer(1234)).toBe("۱٬۲۳۴");
  expect(numberWriter("fa").percent(0.887, 1)).toBe("۸۸٫۷٪");
});
