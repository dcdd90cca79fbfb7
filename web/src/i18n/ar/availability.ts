import type { Catalog } from "../catalog";

export const availability: Catalog["availability"] = {
  availabilityOf: (name) => `الأوقات المتاحة لدى ${name}`,
  twoWeeks: "اختر وقتًا من الأسبوعين القادمين لتثبيت جلسة.",
  none: "لا أوقات للحجز الآن.",
  lockLegend: "تشير إلى الأوقات التي لديكما فيها جلسة مثبَّتة.",
  notAFavorite: (name) => `يمكنك تثبيت الجلسات مع المفضَّلين لديك، و${name} ليس منهم.`,
  lockInWith: (name) => `تثبيت جلسة مع ${name}`,
  booked: (name, when) => `لديك جلسة مثبَّتة مع ${name}: ${when}.`,
  gone: "ذهب هذا الوقت للتو. إليك الأوقات المتبقية.",
  replaceTitle: "هل تريد استبدال جلستك الأخرى؟",
  replaceText: (name) => `لديك جلسة أخرى في هذا الوقت. يمكن إلغاؤها لتثبيت جلسة مع ${name}.`,
  replace: "إلغاؤها والحجز",
  lockedConflict: "لديك جلسة مثبَّتة مع شريك آخر في هذا الوقت. ألغِ تلك الجلسة أولًا.",
  backToProfile: (name) => `الملف الشخصي: ${name}`,
  memberSince: "عضو منذ",
  sessionsSoFar: "الجلسات حتى الآن",
  localTime: "الوقت المحلي",
  yourself: "هكذا يراك الآخرون.",
};
