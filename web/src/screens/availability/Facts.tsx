import type { Schemas } from "../../api/client";
import { locale, texts } from "../../i18n/language";
import { present } from "../../time/present";
import { localTime, monthText, placeOf } from "./member_facts";

/** What a profile says of a member: the local time, the sessions, and the first month. */
export function Facts({ member }: { member: Schemas["OtherProfile"] }) {
  const { availability } = texts.value;
  const time = localTime(present.value, member.timeZone);
  return (
    <dl class="facts">
      <dt>{availability.localTime}</dt>
      <dd>{time ? `${time} (${placeOf(member.timeZone)})` : placeOf(member.timeZone)}</dd>
      <dt>{availability.sessionsSoFar}</dt>
      <dd>{new Intl.NumberFormat(locale.value).format(member.totalSessionCount)}</dd>
      <dt>{availability.memberSince}</dt>
      <dd>{monthText(new Date(member.memberSince))}</dd>
    </dl>
  );
}
