import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { useStaffLog } from "../../api/staff";
import { texts } from "../../i18n/language";
import { instantWords } from "../people/instant_words";
import { ListHeading } from "./ListHeading";
import { MemberIdLink } from "./MemberLink";
import { Pages } from "./Pages";

/** What staff have done, newest first. */
export function Log() {
  const [reading, setReading] = useState(1);
  const log = useStaffLog(reading);
  const { staff } = texts.value;
  return (
    <>
      <ListHeading title={staff.log} onReadAgain={() => setReading(reading + 1)} />
      <Pages query={log} none={staff.noLines}>
        {(line) => <LogEntry key={line.lineId} line={line} />}
      </Pages>
    </>
  );
}

function LogEntry({ line: { at, act, byUserId, userId, reason } }: { line: Schemas["ActOfStaff"] }) {
  const { staff } = texts.value;
  return (
    <li>
      <h3>{staff.acts[act]}</h3>
      <dl class="facts">
        <dt>{staff.time}</dt>
        <dd>
          <time dateTime={at}>{instantWords(new Date(at))}</time>
        </dd>
        <dt>{staff.by}</dt>
        <dd>
          <MemberIdLink userId={byUserId} />
        </dd>
        {userId && (
          <>
            <dt>{staff.about}</dt>
            <dd>
              <MemberIdLink userId={userId} />
            </dd>
          </>
        )}
        {reason && (
          <>
            <dt>{staff.reason}</dt>
            <dd>
              <bdi>{reason}</bdi>
            </dd>
          </>
        )}
      </dl>
    </li>
  );
}
