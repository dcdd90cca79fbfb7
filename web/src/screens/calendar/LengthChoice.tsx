import { useId } from "preact/hooks";
import { locale, texts } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { LENGTHS } from "./bookable_times";
import { chosenMinutes } from "./view_state";

/** The lengths of a session. The calendar and its card share the chosen one. */
export function LengthChoice() {
  const { calendar, words } = texts.value;
  const name = useId();
  return (
    <fieldset class="lengths">
      <legend>{calendar.length}</legend>
      {LENGTHS.map((minutes) => (
        <label key={minutes}>
          <input
            type="radio"
            name={name}
            checked={chosenMinutes.value === minutes}
            onChange={() => {
              chosenMinutes.value = minutes;
            }}
          />
          {plural(words.minutes, minutes, locale.value)}
        </label>
      ))}
    </fieldset>
  );
}
