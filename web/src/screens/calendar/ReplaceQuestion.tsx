import { useEffect, useRef } from "preact/hooks";
import type { BookingWish } from "../../api/booking";
import type { CalendarSlot } from "../../api/calendar";
import { locale, texts } from "../../i18n/language";
import { LockIcon } from "../../parts/LockIcon";
import { timeRange } from "../../time/formats";
import { sessionText } from "./cell_names";
import { minutesOf } from "./cells";
import { overlapping } from "./own_conflicts";

interface ReplaceQuestionProps {
  wish: BookingWish;
  slots: readonly CalendarSlot[];
  onReplace: () => void;
  onKeep: () => void;
}

/** The question whether a booking replaces the own sessions in its way. A locked-in session is never replaced (R16). */
export function ReplaceQuestion({ wish, slots, onReplace, onKeep }: ReplaceQuestionProps) {
  const { calendar, words } = texts.value;
  const { conflict } = calendar;
  const sessions = overlapping(slots, wish.startTime, wish.duration);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const isLocked = sessions.some(({ locked }) => locked);
  return (
    <div class="conflict">
      <h3 ref={heading} tabIndex={-1}>
        {conflict.title}
      </h3>
      <ul>
        {sessions.map((session) => (
          <li key={session.sessionId}>
            {session.locked && <LockIcon decorative />}{" "}
            {timeRange(new Date(session.startTime), minutesOf(session.duration))}:{" "}
            {sessionText(session, { calendar, words, locale: locale.value })}
          </li>
        ))}
      </ul>
      <p>{isLocked ? conflict.locked : conflict.ask}</p>
      <div class="ways">
        {!isLocked && (
          <button type="button" class="primary" onClick={onReplace}>
            {conflict.replace}
          </button>
        )}
        <button type="button" onClick={onKeep}>
          {words.keep}
        </button>
        {isLocked && <a href="/sessions">{texts.value.layout.sessions}</a>}
      </div>
    </div>
  );
}
