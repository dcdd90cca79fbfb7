import type { People } from "../../api/people";
import { isolated, texts } from "../../i18n/language";

/** The reason why Favorites Availability is empty, and what to do about it. */
export function NoTimes({ favorites: known, filter }: { favorites: People["favorites"]; filter: string }) {
  const { favorites } = texts.value;
  const chosen = known.find(({ userId }) => userId === filter);
  const without = known.length === 0;
  const none = chosen ? favorites.nothingSharedBy(isolated(chosen.name)) : favorites.nothingShared;
  return (
    <div class="empty">
      <p>{without ? favorites.noFavorites : none}</p>
      <p>{without ? favorites.howToAdd : favorites.howToWatch}</p>
      <p>
        <a href="/people">{favorites.toPeople}</a>
      </p>
    </div>
  );
}
