import { texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import type { Participant } from "./session_state";

interface PartnerProps {
  partner: Participant;
  /** The id of the session's time, which names the session of a button. */
  describedBy: string;
}

/** The partner of a session, with what the partner does in it. */
export function Partner({ partner, describedBy }: PartnerProps) {
  const { sessions } = texts.value;
  const name = partner.name ?? "";
  return (
    <div class="partner">
      <Face name={name} photoUrl={partner.photoUrl ?? null} />
      <div>
        <a href={`/people/${encodeURIComponent(partner.userId)}`} aria-describedby={describedBy}>
          <bdi>{name}</bdi>
        </a>
        {partner.isFavorite && <span class="favorite">★ {sessions.favorite}</span>}
        <p class="quiet">
          {sessions.activities[partner.activityType]}
          {partner.quietMode && ` · ${sessions.quiet}`}
        </p>
      </div>
    </div>
  );
}
