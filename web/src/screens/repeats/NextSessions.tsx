import type { Schemas } from "../../api/client";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { dayText } from "../../time/formats";
import { present } from "../../time/present";
import { nextSessions } from "./next_sessions";

const MOST_SHOWN = 3;

interface NextSessionsProps {
  repeatId: string;
  sessions: readonly Schemas["Session"][];
}

/** The days of the next sessions of a repeat, and the number of the others. */
export function NextSessions({ repeatId, sessions }: NextSessionsProps) {
  const { repeats: text } = texts.value;
  const found = nextSessions(sessions, repeatId, present.value);
  if (found.length === 0) return <p class="quiet">{text.noNext}</p>;
  const rest = found.length - MOST_SHOWN;
  return (
    <>
      <p id={`${repeatId}-next`}>
        <a href="/sessions">{text.next}</a>
      </p>
      <ul aria-labelledby={`${repeatId}-next`}>
        {found.slice(0, MOST_SHOWN).map(({ sessionId, startTime }) => (
          <li key={sessionId}>
            <time dateTime={startTime}>{dayText(new Date(startTime))}</time>
          </li>
        ))}
        {rest > 0 && <li class="quiet">{plural(text.more, rest, locale.value)}</li>}
      </ul>
    </>
  );
}
