import type { PartialCatalog } from "../catalog";

export const layout: PartialCatalog["layout"] = {
  calendar: "التقويم",
  favoritesAvailability: "أوقات المفضَّلين المتاحة",
  sessions: "الجلسات",
  people: "الأشخاص",
  inviteLinks: "روابط الدعوة",
  settings: "الإعدادات",
  signIn: "تسجيل الدخول",
  signOut: "تسجيل الخروج",
  signedInAs: (name) => `سجّلت الدخول باسم ${name}`,
  mainNavigation: "القائمة الرئيسية",
  skip: "الانتقال إلى المحتوى",
  loading: "جارٍ التحميل",
  language: "اللغة",
  welcome: "اعمل جنبًا إلى جنب",
  welcomeText: "احجز وقتًا، واحصل على شريك، واعملا جنبًا إلى جنب عبر الفيديو. في الجلسة المثبَّتة تبقيان شريكين.",
  notFound: "لا يوجد شيء في هذا العنوان.",
  signInFailed: {
    state: "لم يبدأ تسجيل الدخول هذا في علامة التبويب هذه، لذلك لم يُستخدَم. يُرجى تسجيل الدخول مرة أخرى.",
    access_denied: "لم تسجّل الدخول.",
    failed: "لم ينجح تسجيل الدخول. يُرجى المحاولة مرة أخرى.",
  },
};
