import { useQueryClient } from "@tanstack/preact-query";
import { changeRepeat, type Repeat, refreshRepeats } from "../../api/repeats";
import { useApp } from "../../app_context";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { FIELDS, RepeatFields } from "./RepeatFields";
import { repeatEdit, valuesOf } from "./repeat_values";

interface RepeatEditorProps {
  repeat: Repeat;
  onClose: () => void;
}

/** The form of a stored repeat. It says that sessions that are already booked stay. */
export function RepeatEditor({ repeat, onClose }: RepeatEditorProps) {
  const { api } = useApp();
  const queries = useQueryClient();
  const { repeats: text } = texts.value;
  const form = useForm(valuesOf(repeat), async (changes) => {
    await changeRepeat(api, repeat.repeatId, repeatEdit(changes));
    refreshRepeats(queries);
    announce(text.changed);
    onClose();
  });
  return (
    <Dialog title={text.editTitle} onClose={onClose}>
      <p>{text.bookedStay}</p>
      <SavedForm form={form} fields={FIELDS} savedText={text.changed}>
        <RepeatFields isNew={false} form={form} timeZone={repeat.timeZone} />
      </SavedForm>
    </Dialog>
  );
}
