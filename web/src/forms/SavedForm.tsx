import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { texts } from "../i18n/language";
import { makingRefusalText, refusalText } from "../parts/refusal_text";
import { FaultsContext, type Form } from "./form";
import { faultsOf } from "./form_faults";
import "./forms.css";

interface SavedFormProps<Values> {
  form: Form<Values>;
  /** The fields of the API that this form shows. */
  fields: readonly string[];
  submitText?: string;
  savedText?: string;
  /** True for a form that makes something new each time that it is sent. */
  isMaking?: boolean;
  /** Better words for a refusal of this form, by its code. */
  refusals?: Readonly<Record<string, string>>;
  children: ComponentChildren;
}

/** A form that saves by itself. It says what happened, and leads to the first field at fault. */
export function SavedForm<Values>(props: SavedFormProps<Values>) {
  const { form, fields, submitText, savedText, refusals, children } = props;
  const element = useRef<HTMLFormElement>(null);
  const { forms, words } = texts.value;
  const textOf = (error: unknown) => (props.isMaking ? makingRefusalText(error) : refusalText(error, refusals));
  const { placed, others } = faultsOf(form.error, fields);
  useEffect(() => {
    if (form.status === "refused") element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form.error, form.status]);
  const isPlaced = placed.size > 0 && others.length === 0;
  return (
    <form
      ref={element}
      class="saved-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <FaultsContext.Provider value={placed}>{children}</FaultsContext.Provider>
      <p class="outcome">
        <button type="submit" class="primary" aria-disabled={form.status === "saving"}>
          {submitText ?? words.save}
        </button>
        <span role="status">
          {form.status === "saving" && words.saving}
          {form.status === "saved" && (savedText ?? forms.saved)}
        </span>
      </p>
      <div role="alert">
        {form.status === "refused" && <p class="fault">{isPlaced ? forms.correctFields : textOf(form.error)}</p>}
      </div>
    </form>
  );
}
