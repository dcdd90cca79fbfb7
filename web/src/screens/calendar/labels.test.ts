import { expect, test } from "vitest";
import { dateText } from "./labels";

test("the present year is that of the zone, also while it is another year in UTC", () => {
  const apia = { locale: "en", zone: "Pacific/Apia", hourCycle: "h12" } as const;
  const newYear = Date.parse("2026-12-31T12:00Z");
  expect(dateText("2027-01-01", apia, newYear)).toBe("Friday, January 1");
  expect(dateText("2026-12-31", apia, newYear)).toBe("Thursday, December 31, 2026");
});
