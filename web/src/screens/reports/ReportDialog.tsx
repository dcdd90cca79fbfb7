import { useRef } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { sendReport } from "../../api/reports";
import { useApp } from "../../app_context";
import { Choices } from "../../forms/Choices";
import { TextAreaField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import type { ReportedPartner } from "./reported_partner";

type ReportReason = Schemas["ReportReason"];

interface ReportDialogProps {
  sessionId: string;
  partner: ReportedPartner;
  /** False after the session has lost this partner: a report would be about another one. */
  isAbout: boolean;
  onClose: () => void;
}

const REASONS: readonly ReportReason[] = ["no_show", "behaviour", "other"];
const LONGEST = 2000;

/** The report of a session's partner, with a reason and words for staff (R47). */
export function ReportDialog({ sessionId, partner, isAbout, onClose }: ReportDialogProps) {
  const { reports } = texts.value;
  // A later change does not bring the partner back.
  const isLost = useRef(false);
  if (!isAbout) isLost.current = true;
  const title = partner.name === null ? reports.titleAbsent : reports.title(isolated(partner.name));
  return (
    <Dialog title={title} onClose={onClose}>
      {isLost.current ? (
        <p role="alert">{reports.changed}</p>
      ) : (
        <ReportForm sessionId={sessionId} userId={partner.userId} onSent={onClose} />
      )}
    </Dialog>
  );
}

interface ReportFormProps {
  sessionId: string;
  /** The partner, null for the last lost one. */
  userId: string | null;
  onSent: () => void;
}

function ReportForm({ sessionId, userId, onSent }: ReportFormProps) {
  const { api } = useApp();
  const { reports } = texts.value;
  const form = useForm({ reason: null as ReportReason | null, text: "" }, async (_, { reason, text }) => {
    if (!reason) throw faultyField("reason");
    const words = text.trim();
    // With the id the report stays about this partner, also if the session loses that one before the request arrives.
    await sendReport(api, { sessionId, reason, ...(words && { text: words }), ...(userId && { userId }) });
    announce(reports.sent);
    onSent();
  });
  return (
    <>
      <ul class="consequences">
        {Object.values(reports.consequences).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <SavedForm
        form={form}
        fields={["reason", "text"]}
        submitText={reports.send}
        savedText={reports.sent}
        refusals={{ not_available: reports.noPartner, not_found: reports.noPartner }}
      >
        <Choices
          legend={reports.reason}
          name="reason"
          type="radio"
          choices={REASONS.map((value) => ({ value, text: reports.reasons[value] }))}
          chosen={form.values.reason ? [form.values.reason] : []}
          onChange={(reason) => form.set("reason", reason)}
          faultText={reports.chooseReason}
        />
        <TextAreaField
          label={reports.text}
          name="text"
          hint={reports.textHint}
          longest={LONGEST}
          value={form.values.text}
          onChange={(text) => form.set("text", text)}
        />
      </SavedForm>
    </>
  );
}
