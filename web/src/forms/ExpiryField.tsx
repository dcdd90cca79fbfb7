import { texts } from "../i18n/language";
import type { Expiry, ExpiryChoice } from "./expiry";
import { SelectField, TextField } from "./Field";

const CHOICES: readonly ExpiryChoice[] = ["never", "day", "week", "month", "year", "other"];

/** The field `expiresAt`: a usual end, or a date and time by the clock of the device. */
export function ExpiryField({ value, onChange }: { value: Expiry; onChange: (value: Expiry) => void }) {
  const { expiry } = texts.value.forms;
  const isOther = value.choice === "other";
  return (
    <>
      <SelectField
        label={expiry.label}
        // The fault of an own time stands at that time.
        name={isOther ? "expiresAtChoice" : "expiresAt"}
        faultText={expiry.fault}
        value={value.choice}
        options={CHOICES.map((choice) => [choice, expiry[choice]] as const)}
        onChange={(choice) => onChange({ ...value, choice: choice as ExpiryChoice })}
      />
      {isOther && (
        <TextField
          label={expiry.at}
          name="expiresAt"
          type="datetime-local"
          hint={expiry.zone(Intl.DateTimeFormat().resolvedOptions().timeZone)}
          faultText={expiry.fault}
          value={value.at}
          onChange={(at) => onChange({ ...value, at })}
        />
      )}
    </>
  );
}
