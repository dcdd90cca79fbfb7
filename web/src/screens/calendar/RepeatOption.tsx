import { useId } from "preact/hooks";
import { isolated, locale, texts } from "../../i18n/language";
import { pageStyle } from "../../time/formats";
import { dateOf } from "../../time/week";
import { WEEKDAYS, weekdayName, weekdayOf } from "../repeats/repeat_text";

interface RepeatOptionProps {
  at: number;
  partner: { name: string } | null;
  isRepeating: boolean;
  onChange: (isRepeating: boolean) => void;
}

/** The choice to book a start every week, with the days and the last day (R40). */
export function RepeatOption({ at, partner, isRepeating, onChange }: RepeatOptionProps) {
  const { repeats: text } = texts.value;
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={isRepeating}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />{" "}
        {text.option}
      </label>
      {isRepeating && (
        <>
          <p class="quiet">{text.optionHint}</p>
          {partner && <p>{text.optionPartner(isolated(partner.name))}</p>}
          <RepeatDays at={at} />
        </>
      )}
    </>
  );
}

/** The days of a repeat, which begin with that of its first session, and its last day. */
function RepeatDays({ at }: { at: number }) {
  const { repeats: text } = texts.value;
  const date = dateOf(at, pageStyle().zone);
  const first = weekdayOf(date);
  const hint = useId();
  return (
    <>
      <fieldset class="weekdays" key={first}>
        <legend>{text.days}</legend>
        {WEEKDAYS.map((weekday) => (
          <label key={weekday} class="check">
            <input type="checkbox" name="weekday" value={weekday} defaultChecked={weekday === first} />{" "}
            {weekdayName(weekday, locale.value)}
          </label>
        ))}
      </fieldset>
      <label class="field">
        {text.until}
        <input type="date" name="until" min={date} aria-describedby={hint} />
      </label>
      <p id={hint} class="quiet">
        {text.untilHint}
      </p>
    </>
  );
}
