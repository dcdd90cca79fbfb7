import type { CalendarSlot } from "../../api/calendar";
import { isolated, locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { Face } from "../../parts/Face";
import { LockIcon } from "../../parts/LockIcon";
import type { FavoriteAtStart } from "./cells";
import { isInTheWay } from "./own_conflicts";
import type { usePartnerChoice } from "./partner_choice";

interface PartnerPanelProps {
  favorites: readonly FavoriteAtStart[];
  slots: readonly CalendarSlot[];
  at: number;
  choice: ReturnType<typeof usePartnerChoice>;
}

/** The Partner panel: the favorites at a start, one of them to choose, and the meaning of the choice. */
export function PartnerPanel({ favorites, slots, at, choice }: PartnerPanelProps) {
  const { panel } = texts.value.calendar;
  const { partner: chosen, isLost, choose } = choice;
  return (
    <fieldset class="panel">
      <legend>{panel.title}</legend>
      <label>
        <input
          type="radio"
          name="partner"
          required
          checked={chosen === null && !isLost}
          onChange={() => choose(null)}
        />
        <span>{panel.any}</span>
      </label>
      {favorites.map((favorite) =>
        favorite.locked ? (
          <p key={favorite.userId} class="person">
            <Person favorite={favorite} /> <LockIcon decorative /> {panel.locked}
          </p>
        ) : (
          <label key={favorite.userId}>
            <input
              type="radio"
              name="partner"
              checked={chosen?.userId === favorite.userId}
              onChange={() => choose(favorite)}
            />
            <Person favorite={favorite} />
          </label>
        ),
      )}
      <div role="status">{chosen && <p>{meaningOf(chosen, isInTheWay(slots, at, chosen.minutes))}</p>}</div>
    </fieldset>
  );
}

function Person({ favorite: { name, photoUrl, minutes } }: { favorite: FavoriteAtStart }) {
  const { words } = texts.value;
  return (
    <span class="person">
      <Face name={name} photoUrl={photoUrl} /> <bdi>{name}</bdi>{" "}
      <span class="quiet">{plural(words.minutes, minutes, locale.value)}</span>
    </span>
  );
}

function meaningOf({ name, lockable }: FavoriteAtStart, isOtherInTheWay: boolean): string {
  const { panel } = texts.value.calendar;
  if (lockable) return panel.stays(isolated(name));
  return isOtherInTheWay ? panel.inTheWay(isolated(name)) : panel.notShared(isolated(name));
}
