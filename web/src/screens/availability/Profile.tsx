import { texts } from "../../i18n/language";

/** The screen Profile. */
export default function Profile() {
  return <h1>{texts.value.layout.people}</h1>;
}
