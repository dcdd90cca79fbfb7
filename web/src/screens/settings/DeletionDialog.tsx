import { deleteAccount } from "../../api/account";
import { useApp } from "../../app_context";
import { TextField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { faultyField } from "../../forms/form_faults";
import { SavedForm } from "../../forms/SavedForm";
import { texts } from "../../i18n/language";
import { rememberFarewell } from "../../layout/farewell";
import { Dialog } from "../../parts/Dialog";
import { briefly } from "../../push/leave";
import { unsubscribeThisBrowser } from "../../push/this_browser";

/** The question before the account is deleted. A typed word confirms it. */
export function DeletionDialog({ onClose }: { onClose: () => void }) {
  const { api, session } = useApp();
  const text = texts.value.settings.account;
  const form = useForm({ word: "" }, async (_, { word }) => {
    if (word.trim().toLocaleLowerCase() !== text.word.toLocaleLowerCase()) throw faultyField("word");
    await deleteAccount(api);
    await briefly(unsubscribeThisBrowser());
    rememberFarewell();
    session.signOut();
  });
  return (
    <Dialog title={text.deleteQuestion} onClose={onClose}>
      <ul>
        {Object.values(text.consequences).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <SavedForm form={form} fields={["word"]} submitText={text.deleteForGood} savedText={text.deleted}>
        <TextField
          label={text.typeWord(text.word)}
          name="word"
          faultText={text.wordFault(text.word)}
          value={form.values.word}
          onChange={(word) => form.set("word", word)}
        />
      </SavedForm>
    </Dialog>
  );
}
