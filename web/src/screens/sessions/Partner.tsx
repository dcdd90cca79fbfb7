import { isolated, texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { isFormerMember, partnerName } from "../../parts/former_member";
import { RelationButton } from "../people/RelationButton";
import type { Participant } from "./session_state";

interface PartnerProps {
  partner: Participant;
  /** The id of the session's time, which names the session of a button. */
  describedBy: string;
}

/** The partner of a session, with what the partner does in it. */
export function Partner({ partner, describedBy }: PartnerProps) {
  const { people, sessions, words } = texts.value;
  const { userId, isFavorite = false } = partner;
  const name = partnerName(partner) ?? "";
  const label = isFavorite ? sessions.removeFavoriteOf : people.addFavoriteOf;
  return (
    <div class="partner">
      <Face name={name} photoUrl={partner.photoUrl ?? null} />
      <div>
        <a href={`/people/${encodeURIComponent(userId)}`} aria-describedby={describedBy}>
          <bdi>{name}</bdi>
        </a>
        {isFavorite && <span class="favorite">★ {sessions.favorite}</span>}
        <p class="quiet">
          {sessions.activities[partner.activityType]}
          {partner.quietMode && ` · ${words.quietMode}`}
        </p>
      </div>
      {!isFormerMember(partner.name) && (
        <RelationButton
          person={{ userId, name }}
          change={{ relation: "favorite", holds: !isFavorite }}
          text={isFavorite ? people.removeFavorite : people.addFavorite}
          label={label(isolated(name))}
        />
      )}
    </div>
  );
}
