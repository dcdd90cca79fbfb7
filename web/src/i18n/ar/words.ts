import type { Catalog } from "../catalog";

export const words: Catalog["words"] = {
  tryAgain: "إعادة المحاولة",
  cancel: "تراجع",
  save: "حفظ",
  saving: "جارٍ الحفظ ...",
  revoke: "إلغاء",
  book: "حجز",
  booking: "جارٍ الحجز ...",
  keep: "الإبقاء عليها",
  quietMode: "الوضع الهادئ",
  seeAvailability: "عرض الأوقات المتاحة",
  minutes: {
    zero: "{count} دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتان",
    few: "{count} دقائق",
    many: "{count} دقيقة",
    other: "{count} دقيقة",
  },
};
