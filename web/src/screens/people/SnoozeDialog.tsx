import { useId, useState } from "preact/hooks";
import { isolated, texts } from "../../i18n/language";
import { Dialog } from "../../parts/Dialog";
import { instantText } from "../../time/formats";
import { instantWords } from "./instant_words";
import { useRelationAction } from "./relation_action";
import { firstDate, SNOOZE_LENGTHS, type SnoozeLength, snoozeEnd } from "./snooze_ends";

interface SnoozeDialogProps {
  person: { userId: string; name: string };
  onClose: () => void;
}

/** The choice of the end of a snooze. */
export function SnoozeDialog({ person, onClose }: SnoozeDialogProps) {
  const { people, words } = texts.value;
  const change = useRelationAction(person);
  const [length, setLength] = useState<SnoozeLength>("week");
  const [date, setDate] = useState("");
  const end = snoozeEnd(length, date, new Date());
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (change.isPending || !end) return;
    if (await change.send({ relation: "snooze", until: instantText(end) })) onClose();
  }
  return (
    <Dialog title={people.snoozeTitle(isolated(person.name))} onClose={onClose}>
      <p>{people.snoozeText}</p>
      <form onSubmit={submit}>
        <fieldset>
          <legend>{people.snoozeLength}</legend>
          {SNOOZE_LENGTHS.map((each) => (
            <label key={each} class="choice">
              <input type="radio" name="length" checked={each === length} onChange={() => setLength(each)} />
              {people[each]}
            </label>
          ))}
          {length === "date" && <DateField date={date} onChange={setDate} />}
        </fieldset>
        <p role="status">{end ? people.endsAt(instantWords(end)) : people.dateMissing}</p>
        <div class="choices">
          <button type="submit" class="primary" aria-disabled={change.isPending || !end}>
            {people.confirmSnooze}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function DateField({ date, onChange }: { date: string; onChange: (date: string) => void }) {
  const id = useId();
  return (
    <p>
      <label for={id}>{texts.value.people.dateLabel}</label>{" "}
      <input
        id={id}
        type="date"
        required
        min={firstDate(new Date())}
        value={date}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </p>
  );
}
