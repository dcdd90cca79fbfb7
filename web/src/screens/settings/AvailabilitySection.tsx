import type { Schemas } from "../../api/client";
import { useProfileChange } from "../../api/profile";
import { Choices } from "../../forms/Choices";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { Section } from "./Section";

const AVAILABILITIES = ["everyone", "favorites", "no_one"] as const;
const PARTNER_GENDERS = ["any", "same"] as const;

/** The members who may lock in with this one, and those who are matched with this one (R5, R6). */
export function AvailabilitySection({ me }: { me: Schemas["OwnProfile"] }) {
  const change = useProfileChange();
  const stored = { availability: me.availability, partnerGender: me.partnerGender, quietMode: me.quietMode };
  const form = useForm(stored, change);
  const { availability } = texts.value.settings;
  return (
    <Section id="availability" title={availability.title}>
      <SavedForm form={form} fields={["availability", "partnerGender", "quietMode"]}>
        <Choices
          legend={availability.who}
          name="availability"
          type="radio"
          choices={AVAILABILITIES.map((value) => ({ value, ...availability.choices[value] }))}
          chosen={[form.values.availability]}
          onChange={(value) => form.set("availability", value)}
        />
        <Choices
          legend={availability.partnerGender}
          name="partnerGender"
          type="radio"
          hint={me.gender ? undefined : availability.needsGender}
          faultText={availability.genderFault}
          choices={PARTNER_GENDERS.map((value) => ({ value, text: availability.partnerGenders[value] }))}
          chosen={[form.values.partnerGender]}
          onChange={(value) => form.set("partnerGender", value)}
        />
        <Choices
          legend={texts.value.words.quietMode}
          name="quietMode"
          type="checkbox"
          choices={[{ value: "quiet", text: availability.quietMode, hint: availability.quietHint }]}
          chosen={form.values.quietMode ? ["quiet"] : []}
          onChange={(_, isQuiet) => form.set("quietMode", isQuiet)}
        />
      </SavedForm>
    </Section>
  );
}
