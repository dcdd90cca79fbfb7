import type { Repeat } from "../../api/repeats";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { instantDay } from "../settings/dates";
import { reasonText } from "./repeat_text";

/** The times of a repeat that were not booked, each with the reason. */
export function SkippedTimes({ skipped }: { skipped: Repeat["skipped"] }) {
  const { repeats: text } = texts.value;
  if (skipped.length === 0) return null;
  return (
    <details>
      <summary>{plural(text.skipped, skipped.length, locale.value)}</summary>
      <ul>
        {skipped.map(({ startTime, reason }) => (
          <li key={startTime}>{text.skippedTime(instantDay(startTime), reasonText(reason))}</li>
        ))}
      </ul>
    </details>
  );
}
