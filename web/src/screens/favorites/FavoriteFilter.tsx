import { useId } from "preact/hooks";
import type { People } from "../../api/people";
import { texts } from "../../i18n/language";

interface FavoriteFilterProps {
  favorites: People["favorites"];
  chosen: string;
  onChoose: (userId: string) => void;
}

/** The choice of one favorite or all. With fewer than two favorites there is nothing to choose. */
export function FavoriteFilter({ favorites, chosen, onChoose }: FavoriteFilterProps) {
  const id = useId();
  if (favorites.length < 2) return null;
  return (
    <p class="filter">
      <label for={id}>{texts.value.favorites.filter}</label>{" "}
      <select id={id} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{texts.value.favorites.everyFavorite}</option>
        {favorites.map(({ userId, name }) => (
          <option key={userId} value={userId}>
            {name}
          </option>
        ))}
      </select>
    </p>
  );
}
