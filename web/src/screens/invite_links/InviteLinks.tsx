import { texts } from "../../i18n/language";

/** The screen InviteLinks. */
export default function InviteLinks() {
  return <h1>{texts.value.layout.inviteLinks}</h1>;
}
