import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { useStaffReports } from "../../api/staff";
import { texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import { dayText, timeRange } from "../../time/formats";
import { instantWords } from "../people/instant_words";
import { ListHeading } from "./ListHeading";
import { MemberId, MemberLink } from "./MemberLink";
import { Pages } from "./Pages";
import { SuspensionControls } from "./SuspensionControls";

/** The reports of all members, newest first. */
export function Reports() {
  const [reading, setReading] = useState(1);
  const reports = useStaffReports(reading);
  const { staff } = texts.value;
  return (
    <>
      <ListHeading title={staff.reports} onReadAgain={() => setReading(reading + 1)} />
      <Pages query={reports} none={staff.noReports}>
        {(report) => <ReportEntry key={report.reportId} report={report} />}
      </Pages>
    </>
  );
}

function ReportEntry({ report }: { report: Schemas["StaffReport"] }) {
  const { reason, text, reporter, reported } = report;
  const { staff } = texts.value;
  const start = new Date(report.startTime);
  return (
    <li>
      <h3>
        {staff.reasons[reason]}: <bdi>{partnerName(reported)}</bdi>
      </h3>
      {text ? <blockquote dir="auto">{text}</blockquote> : <p class="quiet">{staff.noText}</p>}
      <dl class="facts">
        <dt>{staff.reported}</dt>
        <dd>
          <MemberLink member={reported} />
        </dd>
        <dt>{staff.reporter}</dt>
        <dd>{reporter ? <MemberLink member={reporter} /> : staff.deletedReporter}</dd>
        <dt>{staff.reportedAt}</dt>
        <dd>{instantWords(new Date(report.reportedAt))}</dd>
        <dt>{staff.session}</dt>
        <dd>
          {dayText(start)}, {timeRange(start, report.duration / 60_000)} <MemberId id={report.sessionId} />
        </dd>
      </dl>
      <SuspensionControls
        member={{ userId: reported.userId, name: partnerName(reported) ?? "" }}
        isSuspended={reported.suspended}
      />
    </li>
  );
}
