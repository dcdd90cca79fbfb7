import { useState } from "preact/hooks";
import { useSuspensionChange } from "../../api/staff";
import { isolated, texts } from "../../i18n/language";
import { ConfirmedButton } from "../../parts/ConfirmedButton";
import { LIST_HEADING } from "./ListHeading";
import { SuspendDialog } from "./SuspendDialog";

interface SuspensionControlsProps {
  member: { userId: string; name: string };
  isSuspended: boolean;
}

/** The way to suspend a member, or the sign of a suspension with the way to lift it (R47). */
export function SuspensionControls({ member, isSuspended }: SuspensionControlsProps) {
  const [isAsking, setAsking] = useState(false);
  const change = useSuspensionChange();
  const { staff } = texts.value;
  const name = isolated(member.name);
  return (
    <div class="outcome">
      {isSuspended ? (
        <>
          <strong>{staff.isSuspended}</strong>
          <ConfirmedButton
            text={staff.lift}
            name={staff.liftOf(name)}
            question={staff.liftTitle(name)}
            explanation={staff.liftText}
            doneText={staff.liftDone(name)}
            headingId={LIST_HEADING}
            action={() => change.mutateAsync({ userId: member.userId, reason: null })}
          />
        </>
      ) : (
        <button type="button" class="danger" aria-label={staff.suspendOf(name)} onClick={() => setAsking(true)}>
          {staff.suspend}
        </button>
      )}
      {isAsking && <SuspendDialog member={member} onClose={() => setAsking(false)} />}
    </div>
  );
}
