import type { Schemas } from "../../api/client";
import { dateOf } from "../../time/week";
import { WEEKDAYS } from "../repeats/repeat_text";
import type { Minutes } from "./bookable_times";
import type { FavoriteAtStart } from "./cells";

/** Return the wish for a repeat whose first session is at a start, with the answers of the fields of the card. */
export function repeatWish(
  at: number,
  minutes: Minutes,
  partner: FavoriteAtStart | null,
  form: FormData,
  zone: string,
): Schemas["RepeatBody"] {
  const chosen = form.getAll("weekday");
  return {
    weekdays: WEEKDAYS.filter((weekday) => chosen.includes(weekday)),
    time: clockOf(at, zone),
    timeZone: zone,
    duration: ((partner?.minutes ?? minutes) * 60_000) as Schemas["Duration"],
    title: String(form.get("title") ?? "").trim() || null,
    from: dateOf(at, zone),
    until: String(form.get("until") ?? "") || null,
    partnerId: partner?.userId ?? null,
  };
}

/** Return the time of day of an instant in a zone, such as `09:00`. */
function clockOf(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(at);
}
