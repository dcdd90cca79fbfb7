import type { Catalog } from "../catalog";

export const live: Catalog["live"] = {
  paused: "التحديثات المباشرة متوقفة مؤقتًا. نعيد الاتصال.",
  offline: "أنت غير متصل. قد يكون ما تراه قديمًا، ولا يمكن تغيير شيء حتى تعود متصلًا.",
  comesOnline: "سيظهر هذا هنا عند عودة الاتصال بالإنترنت.",
  unreachable: "لا يمكن الوصول إلى الخدمة الآن. قد يكون ما تراه قديمًا. نواصل المحاولة.",
  notLoaded: "تعذّر تحميل هذه الصفحة",
  notLoadedText: "ربما كنت غير متصل، أو توجد نسخة جديدة من التطبيق. لم يُفقد شيء.",
  when: (day, time) => `${day}، ${time}`,
  events: {
    matched: (when, partner) => `شريكك هو ${partner}: ${when}.`,
    matchedAfterDisplaced: (when, partner) => `حصل شريكك على شريك آخر. شريكك الآن هو ${partner}: ${when}.`,
    matchedAfterCancel: (when, partner) => `ألغى شريكك. شريكك الآن هو ${partner}: ${when}.`,
    matchedAfterStart: (when, partner) => `شريكك الآن هو ${partner}: ${when}. انضم إلى الغرفة.`,
    lockedIn: (when, partner) => `لديك جلسة مثبَّتة مع ${partner}: ${when}.`,
    displaced: (when) => `حصل شريكك على شريك آخر. نبحث لك عن شريك جديد: ${when}.`,
    partnerCancelled: (when) => `ألغى شريكك. نبحث لك عن شريك جديد: ${when}.`,
    starting: (when, partner) => `تبدأ جلستك مع ${partner} قريبًا: ${when}.`,
    startingAlone: (when) => `تبدأ جلستك قريبًا وليس فيها شريك بعد: ${when}.`,
    unmatched: (when) => `لم يوجد شريك لجلستك: ${when}.`,
    missed: (when) => `لم تنضم في الوقت، فطلب شريكك شريكًا آخر: ${when}.`,
    favoriteAvailable: (when, favorite) => `يمكنك تثبيت جلسة مع ${favorite}: ${when}.`,
  },
};
