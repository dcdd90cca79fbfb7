import { texts } from "../../i18n/language";

/** The screen Favorites. */
export default function Favorites() {
  return <h1>{texts.value.layout.favoritesAvailability}</h1>;
}
