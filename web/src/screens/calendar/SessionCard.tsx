import type { Schemas } from "../../api/client";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { Dialog } from "../../parts/Dialog";
import { Face } from "../../parts/Face";
import { partnerName } from "../../parts/former_member";
import { JoinLink } from "../../parts/JoinLink";
import { LockIcon } from "../../parts/LockIcon";
import { refusalText } from "../../parts/refusal_text";
import { dayText, endOf, timeRange } from "../../time/formats";
import { present } from "../../time/present";
import { RepeatSign } from "../repeats/RepeatSign";
import { minutesOf } from "./cells";

interface SessionCardProps {
  /** Null for a session that does not exist any more, or was not read. */
  session: Schemas["Session"] | null;
  /** Why the session was not read. */
  failure?: unknown;
  onClose: () => void;
}

/** The card of an own session: its partner, its state, its room, and the way to change it. */
export function SessionCard({ session, failure, onClose }: SessionCardProps) {
  const { session: text } = texts.value.calendar;
  return (
    <Dialog title={text.title} onClose={onClose}>
      {session ? (
        <SessionFacts session={session} />
      ) : (
        <p>{failure ? refusalText(failure, { not_found: text.gone }) : text.gone}</p>
      )}
    </Dialog>
  );
}

function SessionFacts({ session }: { session: Schemas["Session"] }) {
  const { calendar, words } = texts.value;
  const minutes = minutesOf(session.duration);
  const start = new Date(session.startTime);
  const partner = session.users[1];
  const isOver = endOf(start, minutes) <= present.value;
  return (
    <div class="session-card">
      <p class="chosen">
        {dayText(start)}, {timeRange(start, minutes)}
        <br />
        <span class="quiet">{plural(words.minutes, minutes, locale.value)}</span>
      </p>
      {session.title && (
        <p>
          <bdi>{session.title}</bdi>
        </p>
      )}
      <p class="person">
        {partner ? (
          <a href={`/people/${partner.userId}`}>
            <Face name={partnerName(partner) ?? ""} photoUrl={partner.photoUrl ?? null} />{" "}
            <bdi>{partnerName(partner)}</bdi>
          </a>
        ) : (
          calendar.session.noPartner
        )}
      </p>
      <p>
        {session.locked && <LockIcon decorative />} {calendar.states[session.state]}
      </p>
      {session.repeatId && <RepeatSign repeatId={session.repeatId} />}
      <div class="ways">
        <JoinLink session={session} />
        <a href={isOver ? "/sessions/past" : "/sessions"}>{calendar.session.change}</a>
      </div>
    </div>
  );
}
