import { useQueryClient } from "@tanstack/preact-query";
import { makeRepeat, refreshRepeats } from "../../api/repeats";
import { useApp } from "../../app_context";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { pageStyle } from "../../time/formats";
import { FIELDS, RepeatFields } from "./RepeatFields";
import { type RepeatValues, repeatBody } from "./repeat_values";

const NEW_REPEAT: RepeatValues = {
  weekdays: [],
  time: "09:00",
  minutes: "50",
  title: "",
  from: "",
  until: "",
  partnerId: "",
};

/** The form for a new repeat, in the time zone of the device. */
export function NewRepeat() {
  const { api } = useApp();
  const queries = useQueryClient();
  const { repeats: text } = texts.value;
  const { zone } = pageStyle();
  const form = useForm(NEW_REPEAT, async (_, values) => {
    // Also after a lost connection: the list then has what was made.
    const refresh = () => {
      refreshRepeats(queries);
    };
    await makeRepeat(api, repeatBody(values, zone)).finally(refresh);
  });
  return (
    <SavedForm isMaking form={form} fields={FIELDS} submitText={text.make} savedText={text.madeText}>
      <h2>{text.newRepeat}</h2>
      <RepeatFields isNew form={form} timeZone={zone} />
    </SavedForm>
  );
}
