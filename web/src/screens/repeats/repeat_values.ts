import type { Schemas } from "../../api/client";
import type { Repeat, Weekday } from "../../api/repeats";
import { WEEKDAYS } from "./repeat_text";

/** The fields of a repeat as its form has them. An empty text is none. */
export interface RepeatValues {
  weekdays: readonly Weekday[];
  time: string;
  minutes: string;
  title: string;
  from: string;
  until: string;
  partnerId: string;
}

/** Return the fields of a stored repeat. */
export function valuesOf(repeat: Repeat): RepeatValues {
  const { weekdays, time, duration, title, from, until, partnerId } = repeat;
  const minutes = String(duration / 60_000);
  return { weekdays, time, minutes, title: title ?? "", from, until: until ?? "", partnerId: partnerId ?? "" };
}

/** Return the request for a new repeat in a time zone. Without a first day it begins today. */
export function repeatBody(values: RepeatValues, timeZone: string): Schemas["RepeatBody"] {
  const { weekdays, time, minutes, title, from, until, partnerId } = values;
  return {
    weekdays: [...weekdays],
    time,
    timeZone,
    duration: durationOf(minutes),
    title: title.trim() || null,
    from: from || null,
    until: until || null,
    partnerId: partnerId || null,
  };
}

/** Return the request for the changed fields of a repeat. An empty field becomes none. */
export function repeatEdit(changes: Partial<RepeatValues>): Schemas["RepeatEdit"] {
  const { weekdays, time, minutes, title, from, until, partnerId } = changes;
  return {
    ...(weekdays && { weekdays: [...weekdays] }),
    ...(time && { time }),
    ...(minutes && { duration: durationOf(minutes) }),
    ...(title !== undefined && { title: title.trim() || null }),
    ...(from && { from }),
    ...(until !== undefined && { until: until || null }),
    ...(partnerId !== undefined && { partnerId: partnerId || null }),
  };
}

/** Return the days with one of them added or removed, from Monday on. */
export function withDay(weekdays: readonly Weekday[], weekday: Weekday, isChosen: boolean): Weekday[] {
  return WEEKDAYS.filter((each) => (each === weekday ? isChosen : weekdays.includes(each)));
}

/** Return the quarter hours of a day, such as `09:15`. */
export function quarterHours(): string[] {
  return Array.from({ length: 96 }, (_, quarter) => {
    const [hour, minute] = [Math.floor(quarter / 4), (quarter % 4) * 15];
    return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  });
}

function durationOf(minutes: string): Schemas["Duration"] {
  return (Number(minutes) * 60_000) as Schemas["Duration"];
}
