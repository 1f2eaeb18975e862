// The words of the shared parts and of the shell.
import { defineWords } from "./words.ts";

export const sharedWords = defineWords({
  en: {
    rooms: "Rooms",
    skip: "Skip to the room",
    language: "فارسی",
    languageName: "نمایش به فارسی",
    theme: { light: "Light theme", dark: "Dark theme" },
    loadingRoom: "Loading the room’s code",
    roomLost:
      "This room’s code could not be loaded. Check that the server still runs, then open the room again.",
    again: "Try again",
    cancel: "Cancel",
    close: "Close",
    less: "Less",
    more: "More",
    fault: "Something failed inside the Lab; this is a fault of ours. The details are below.",
    details: "Details",
    outOfMemory: "There is not enough memory for this. Use a smaller input, batch or network.",
    engineLost: (reason: string) =>
      `The engine stopped (${reason}). Your settings are still here; a new engine starts with the next thing you do.`,
    oneThread:
      "The server does not send the isolation headers (COOP, COEP), so the engine runs on one thread: the same numbers, slower.",
    data: "The numbers as a table",
    drawing: "Loading the plotting code",
  },
  fa: {
    rooms: "اتاق‌ها",
    skip: "پرش به اتاق",
    language: "English",
    languageName: "Show in English",
    theme: { light: "پوستهٔ روشن", dark: "پوستهٔ تیره" },
    loadingRoom: "در حال بار کردن کد این اتاق",
    roomLost: "کد این اتاق بار نشد. ببینید کارساز هنوز روشن است، سپس اتاق را دوباره باز کنید.",
    again: "دوباره",
    cancel: "لغو",
    close: "بستن",
    less: "کمتر",
    more: "بیشتر",
    fault: "چیزی درون آزمایشگاه خراب شد؛ خطا از ماست. جزئیات در زیر آمده است.",
    details: "جزئیات",
    outOfMemory: "حافظه برای این کار کافی نیست. ورودی، دسته یا شبکهٔ کوچک‌تری برگزینید.",
    engineLost: (reason: string) =>
      `موتور از کار افتاد (\u2068${reason}\u2069). تنظیم‌های شما سر جایشان هستند؛ با کار بعدی موتور تازه‌ای راه می‌افتد.`,
    oneThread:
      "کارساز سرآیندهای جداسازی (COOP و COEP) را نمی‌فرستد، پس موتور با یک رشته کار می‌کند: همان عددها، کندتر.",
    data: "عددها در جدول",
    drawing: "در حال بار کردن کد نمودار",
  },
});
