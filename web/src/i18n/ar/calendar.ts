import type { PartialCatalog } from "../catalog";

export const calendar: PartialCatalog["calendar"] = {
  title: "التقويم",
  book: "حجز",
  length: "المدة",
  minutes: {
    zero: "{count} دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتان",
    few: "{count} دقائق",
    many: "{count} دقيقة",
    other: "{count} دقيقة",
  },
};
