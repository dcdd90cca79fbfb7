import { texts } from "../../i18n/language";

/** The screen Settings. */
export default function Settings() {
  return <h1>{texts.value.layout.settings}</h1>;
}
