import { useSuspensionChange } from "../../api/staff";
import { TextAreaField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { LIST_HEADING } from "./ListHeading";

interface SuspendDialogProps {
  member: { userId: string; name: string };
  onClose: () => void;
}

const LONGEST = 500;

/** The question before a suspension, with all that it does, and the reason for the log. */
export function SuspendDialog({ member, onClose }: SuspendDialogProps) {
  const change = useSuspensionChange();
  const { staff } = texts.value;
  const name = isolated(member.name);
  const form = useForm({ reason: "" }, async (_, { reason }) => {
    const words = reason.trim();
    if (!words) throw faultyField("reason");
    await change.mutateAsync({ userId: member.userId, reason: words });
    announce(staff.suspendDone(name));
    onClose();
    // Nothing outside of the dialog can have the focus before it is closed.
    setTimeout(() => document.getElementById(LIST_HEADING)?.focus());
  });
  return (
    <Dialog title={staff.suspendTitle(name)} onClose={onClose}>
      <ul class="consequences">
        {Object.values(staff.consequences).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <SavedForm form={form} fields={["reason"]} submitText={staff.confirmSuspend} savedText={staff.suspendDone(name)}>
        <TextAreaField
          label={staff.reason}
          name="reason"
          hint={staff.reasonHint}
          faultText={staff.reasonFault}
          longest={LONGEST}
          value={form.values.reason}
          onChange={(reason) => form.set("reason", reason)}
        />
      </SavedForm>
    </Dialog>
  );
}
