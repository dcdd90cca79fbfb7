import type { BookingWish } from "../../api/booking";
import type { Schemas } from "../../api/client";
import { instantText } from "../../time/formats";
import type { Minutes } from "./bookable_times";
import type { FavoriteAtStart } from "./cells";

/** How the member wants to work in a session. */
export interface WorkStyle {
  title: string;
  quietMode: boolean;
  activityType: Schemas["Activity"];
  preferFavorites: boolean;
}

/**
 * Return the wish to book a start. A lockable partner is locked in, and another one is preferred (R10).
 * Without a style of work the member's session of that slot keeps its own.
 */
export function bookingWish(
  at: number,
  minutes: Minutes,
  partner: FavoriteAtStart | null,
  style: WorkStyle | null,
): BookingWish {
  const { title, ...rest } = style ?? { title: "" };
  return {
    startTime: instantText(new Date(at)),
    duration: ((partner?.minutes ?? minutes) * 60_000) as Schemas["Duration"],
    ...rest,
    ...(title.trim() && { title: title.trim() }),
    ...(partner && { partnerId: partner.userId, locked: partner.lockable }),
  };
}

/** Return the answers of the fields of the card. */
export function workStyleOf(form: FormData): WorkStyle {
  return {
    title: String(form.get("title") ?? ""),
    quietMode: form.has("quietMode"),
    activityType: String(form.get("activityType") ?? "anything") as Schemas["Activity"],
    preferFavorites: form.has("preferFavorites"),
  };
}
