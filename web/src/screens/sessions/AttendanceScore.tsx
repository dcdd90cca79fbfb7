import { useAttendance } from "../../api/attendance";
import { useMe } from "../../api/me";
import { locale, texts } from "../../i18n/language";

/** The number of the member's completed sessions, and the share that the member joined in time (R39). */
export function AttendanceScore() {
  const me = useMe().data;
  const attendance = useAttendance().data;
  const { attendance: text } = texts.value.sessions;
  const numbers = new Intl.NumberFormat(locale.value);
  if (!me || !attendance) return null;
  const { score, joinedInTime, sessions } = attendance;
  return (
    <>
      <dl class="score">
        <dt>{text.completed}</dt>
        <dd>{numbers.format(me.totalSessionCount)}</dd>
        <dt>{text.inTime}</dt>
        <dd>
          {score === null
            ? text.noScore
            : text.score(percent(score), numbers.format(joinedInTime), numbers.format(sessions))}
        </dd>
      </dl>
      <p class="quiet">{text.scoreHint}</p>
    </>
  );
}

function percent(share: number): string {
  return new Intl.NumberFormat(locale.value, { style: "percent" }).format(share);
}
