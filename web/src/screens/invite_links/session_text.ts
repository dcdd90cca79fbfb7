import type { Schemas } from "../../api/client";
import { isolated } from "../../i18n/language";
import { dayText, timeRange } from "../../time/formats";

/** Return the day, the time and the title of a session in one line. */
export function sessionText({ startTime, duration, title }: Schemas["Session"]): string {
  const start = new Date(startTime);
  const time = `${dayText(start)}, ${timeRange(start, duration / 60_000)}`;
  return title ? `${time}, ${isolated(title)}` : time;
}
