import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { present } from "../../time/present";
import { ReportDialog } from "./ReportDialog";
import { isStillAbout, type ReportedPartner, reportedPartner } from "./reported_partner";

interface ReportButtonProps {
  session: Schemas["Session"];
  /** The id of the session's time, which names the session of a button. */
  describedBy?: string;
}

/** The way to report the partner of a session to staff, while there is one to report. */
export function ReportButton({ session, describedBy }: ReportButtonProps) {
  // A dialog stays about the same partner.
  const [opened, setOpened] = useState<ReportedPartner | null>(null);
  const { reports } = texts.value;
  const partner = reportedPartner(session, present.value);
  return (
    <>
      {partner && (
        <button
          type="button"
          class="plain"
          aria-label={partner.name === null ? reports.reportAbsent : reports.reportOf(isolated(partner.name))}
          aria-describedby={describedBy}
          onClick={() => setOpened(partner)}
        >
          {reports.report}
        </button>
      )}
      {opened && (
        <ReportDialog
          sessionId={session.sessionId}
          partner={opened}
          isAbout={isStillAbout(opened, session, present.value)}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}
