import type { Catalog } from "../catalog";

export const signIn: Catalog["signIn"] = {
  expired: "انتهت صلاحية تسجيل دخولك. سجّل الدخول مرة أخرى للمتابعة.",
  copyFirst: "ستعود بعدها إلى هذه الصفحة. انسخ أولاً ما كتبته هنا وتريد الاحتفاظ به.",
  again: "تسجيل الدخول مرة أخرى",
  another: "لست أنت؟",
  waiting: "جارٍ تسجيل الدخول",
  notStarted: "تعذّر بدء التطبيق لأن الخدمة لم تستجب.",
};
