import { texts } from "../../i18n/language";

/** The screen Availability. */
export default function Availability() {
  return <h1>{texts.value.layout.people}</h1>;
}
