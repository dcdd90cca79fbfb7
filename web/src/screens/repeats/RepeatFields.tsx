import { usePeople } from "../../api/people";
import { Choices } from "../../forms/Choices";
import { SelectField, TextField } from "../../forms/Field";
import type { Form } from "../../forms/form";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { LENGTHS } from "../calendar/bookable_times";
import { zoneText } from "../settings/time_zones";
import { clockText, WEEKDAYS, weekdayName } from "./repeat_text";
import { quarterHours, type RepeatValues, withDay } from "./repeat_values";

/** The fields of a repeat, by the names of the API. */
export const FIELDS = ["weekdays", "time", "duration", "title", "from", "until", "partnerId"];

interface RepeatFieldsProps {
  form: Form<RepeatValues>;
  timeZone: string;
  /** False for a stored repeat, whose first day stays. */
  isNew: boolean;
}

/** The fields of a repeat: its days, its time and length, its title, its first and last day, and the partner. */
export function RepeatFields({ form, timeZone, isNew }: RepeatFieldsProps) {
  const { repeats: text, words } = texts.value;
  const { values, set } = form;
  return (
    <>
      <Choices
        legend={text.days}
        name="weekdays"
        type="checkbox"
        faultText={text.daysFault}
        choices={WEEKDAYS.map((value) => ({ value, text: weekdayName(value, locale.value) }))}
        chosen={values.weekdays}
        onChange={(day, isChosen) => set("weekdays", withDay(values.weekdays, day, isChosen))}
      />
      <SelectField
        label={text.time}
        name="time"
        hint={text.zone(zoneText(timeZone))}
        value={values.time}
        options={quarterHours().map((time) => [time, clockText(time)] as const)}
        onChange={(time) => set("time", time)}
      />
      <SelectField
        label={text.length}
        name="duration"
        value={values.minutes}
        options={LENGTHS.map((minutes) => [String(minutes), plural(words.minutes, minutes, locale.value)] as const)}
        onChange={(minutes) => set("minutes", minutes)}
      />
      <TextField
        label={text.sessionTitle}
        name="title"
        value={values.title}
        onChange={(title) => set("title", title)}
      />
      <DateFields form={form} isNew={isNew} />
      <PartnerField value={values.partnerId} onChange={(partnerId) => set("partnerId", partnerId)} />
    </>
  );
}

/** The first day of a new repeat, and the last day. */
function DateFields({ form: { values, set }, isNew }: Pick<RepeatFieldsProps, "form" | "isNew">) {
  const { repeats: text } = texts.value;
  return (
    <>
      {isNew && (
        <TextField
          label={text.from}
          name="from"
          type="date"
          hint={text.fromHint}
          faultText={text.fromFault}
          value={values.from}
          onChange={(from) => set("from", from)}
        />
      )}
      <TextField
        label={text.until}
        name="until"
        type="date"
        hint={text.untilHint}
        faultText={text.untilFault}
        value={values.until}
        onChange={(until) => set("until", until)}
      />
    </>
  );
}

/** The choice of a favorite as the partner of all sessions, with the present partner also if that one is no favorite. */
function PartnerField({ value, onChange }: { value: string; onChange: (partnerId: string) => void }) {
  const people = usePeople();
  const { repeats: text } = texts.value;
  const favorites = (people.data?.favorites ?? []).map(({ userId, name }) => [userId, name] as const);
  const isOther = value !== "" && !favorites.some(([userId]) => userId === value);
  return (
    <SelectField
      label={text.partnerLabel}
      name="partnerId"
      hint={text.partnerHint}
      value={value}
      options={[["", text.anyPartner], ...favorites, ...(isOther ? [[value, text.formerFavorite] as const] : [])]}
      onChange={onChange}
    />
  );
}
