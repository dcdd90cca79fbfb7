import type { Schemas } from "../../api/client";
import type { People } from "../../api/people";
import { isFormerMember } from "../../parts/former_member";

/** The partner of a session, as a person of the lists. */
export interface Partner {
  userId: string;
  name: string;
  photoUrl: string | null;
}

const MOST = 12;

/** Return the partners of sessions that have begun, the latest first, without those of a list of the member. */
export function workedWith(sessions: readonly Schemas["Session"][], people: People, now: Date): Partner[] {
  const lists = [...people.favorites, ...people.snoozed, ...people.blocked];
  const seen = new Set(lists.map(({ userId }) => userId));
  const partners: Partner[] = [];
  for (const session of sessions) {
    const partner = session.users[1];
    const isKnown = partner?.name && !isFormerMember(partner.name) && !seen.has(partner.userId);
    if (!isKnown || new Date(session.startTime) > now) continue;
    seen.add(partner.userId);
    partners.push({ userId: partner.userId, name: partner.name ?? "", photoUrl: partner.photoUrl ?? null });
  }
  return partners.slice(0, MOST);
}
