import { texts } from "../../i18n/language";

/** The screen People. */
export default function People() {
  return <h1>{texts.value.layout.people}</h1>;
}
