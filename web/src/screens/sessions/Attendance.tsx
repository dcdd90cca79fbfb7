import { isolated, texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import { timeText } from "../../time/formats";
import { type Presence, presenceOf } from "./presence";
import type { Session } from "./session_state";

/** The times at which the members of a session joined, from the first of them or from the start on (R37). */
export function Attendance({ session, now }: { session: Session; now: Date }) {
  const { attendance } = texts.value.sessions;
  const [own, partner] = session.users;
  const ownPresence = own && presenceOf(session, own, now);
  const partnerPresence = partner && presenceOf(session, partner, now);
  if (!ownPresence && !partnerPresence) return null;
  return (
    <ul class="attendance">
      {ownPresence && <li>{textOf(ownPresence, attendance.own.joined, attendance.own)}</li>}
      {partnerPresence && <li>{partnerText(isolated(partnerName(partner) ?? ""), partnerPresence)}</li>}
    </ul>
  );
}

function partnerText(name: string, presence: Presence): string {
  const { joined, not_yet, absent } = texts.value.sessions.attendance.partner;
  return textOf(presence, (time) => joined(name, time), { not_yet: not_yet(name), absent: absent(name) });
}

function textOf(
  presence: Presence,
  joined: (time: string) => string,
  others: Record<Exclude<Presence, Date>, string>,
): string {
  return presence instanceof Date ? joined(timeText(presence)) : others[presence];
}
