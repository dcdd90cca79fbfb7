import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { texts } from "../i18n/language";
import { useFault } from "./form";

/** The attributes that join a control with its label, its hint and its fault. */
export interface ControlAttributes {
  id: string;
  name: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
}

interface FieldProps {
  label: string;
  /** The name of the field in the API. */
  name: string;
  hint?: ComponentChildren;
  /** Words for a fault of this field. Without them the reason of the API stands after the label. */
  faultText?: string;
  children: (attributes: ControlAttributes) => JSX.Element;
}

/** A labelled control with its hint and its fault. */
export function Field({ label, name, hint, faultText, children }: FieldProps) {
  const id = useId();
  const detail = useFault(name);
  const described = [hint && `${id}-hint`, detail !== undefined && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, name, "aria-describedby": described || undefined, "aria-invalid": detail !== undefined })}
      {hint && (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {detail !== undefined && (
        <p class="fault" id={`${id}-fault`}>
          {faultText ?? texts.value.forms.fault(label, detail)}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "url" | "date" | "datetime-local";
  autocomplete?: string;
  inputmode?: "numeric";
}

/** A field for a line of text. */
export function TextField({ value, onChange, type = "text", autocomplete, inputmode, ...field }: TextFieldProps) {
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          {...attributes}
          type={type}
          autocomplete={autocomplete ?? "off"}
          inputMode={inputmode}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface TextAreaFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  onChange: (value: string) => void;
  /** The number of characters that the API takes. */
  longest: number;
}

/** A field for a text of several lines. */
export function TextAreaField({ value, onChange, longest, ...field }: TextAreaFieldProps) {
  return (
    <Field {...field}>
      {(attributes) => (
        <textarea
          {...attributes}
          dir="auto"
          rows={4}
          maxLength={longest}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  /** The values with their texts. */
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

/** A field for one of several values. */
export function SelectField({ value, options, onChange, ...field }: SelectFieldProps) {
  return (
    <Field {...field}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
