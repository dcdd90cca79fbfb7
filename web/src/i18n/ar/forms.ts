import type { Catalog } from "../catalog";

export const forms: Catalog["forms"] = {
  saved: "تم الحفظ.",
  correctFields: "لم يُحفظ شيء بعد. يُرجى تصحيح الحقول المعلَّمة.",
  fault: (label, reason) => `${label}: ${reason}.`,
  copy: "نسخ",
  copied: "تم النسخ.",
  copyByHand: "لم يسمح متصفحك بذلك. النص محدَّد: انسخه بلوحة المفاتيح.",
  once: "يُعرض هذا مرة واحدة فقط. احفظه في مكان آمن قبل الإغلاق.",
  share: "مشاركة",
  close: "تم",
  expiry: {
    label: "صالح حتى",
    never: "إلغائه",
    day: "غدًا في هذا الوقت",
    week: "بعد أسبوع",
    month: "بعد 30 يومًا",
    year: "بعد سنة",
    other: "وقت آخر ...",
    at: "التاريخ والوقت",
    zone: (zone) => `بحسب ساعة هذا الجهاز (${zone}).`,
    fault: "يُرجى اختيار وقت في المستقبل.",
  },
};
