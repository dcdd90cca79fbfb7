import { useId } from "preact/hooks";
import { texts } from "../i18n/language";
import { useFault } from "./form";

/** A value that can be chosen, with its text and an explanation. */
export interface Choice<Value extends string> {
  value: Value;
  text: string;
  hint?: string;
}

interface ChoicesProps<Value extends string> {
  legend: string;
  name: string;
  choices: readonly Choice<Value>[];
  chosen: readonly Value[];
  onChange: (value: Value, isChosen: boolean) => void;
  type: "radio" | "checkbox";
  hint?: string;
  faultText?: string;
}

/** A group of choices: one of them as radio buttons, or any of them as checkboxes. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { legend, name, choices, chosen, onChange, type, hint, faultText } = props;
  const id = useId();
  const detail = useFault(name);
  const described = [hint && `${id}-hint`, detail !== undefined && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <fieldset
      tabIndex={-1}
      aria-describedby={described || undefined}
      aria-invalid={detail !== undefined ? true : undefined}
    >
      <legend>{legend}</legend>
      {hint && (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {choices.map(({ value, text, hint: explanation }) => (
        <label key={value} class="choice">
          <input
            type={type}
            name={`${id}-${name}`}
            value={value}
            checked={chosen.includes(value)}
            onChange={(event) => onChange(value, event.currentTarget.checked)}
          />
          <span>
            {text}
            {explanation && <small class="quiet">{explanation}</small>}
          </span>
        </label>
      ))}
      {detail !== undefined && (
        <p class="fault" id={`${id}-fault`}>
          {faultText ?? texts.value.forms.fault(legend, detail)}
        </p>
      )}
    </fieldset>
  );
}
