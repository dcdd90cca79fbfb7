import { texts } from "../../i18n/language";

/** The screen Sessions. */
export default function Sessions() {
  return <h1>{texts.value.layout.sessions}</h1>;
}
