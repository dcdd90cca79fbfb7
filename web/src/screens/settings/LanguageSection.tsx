import { SelectField } from "../../forms/Field";
import { useForm } from "../../forms/form";
import { SavedForm } from "../../forms/SavedForm";
import { chooseLanguage, LANGUAGES, type Language, language, texts } from "../../i18n/language";
import { Section } from "./Section";

/** The language of the page in this browser. Each language has its own name. */
export function LanguageSection() {
  const chosen: { tag: Language } = { tag: language.value };
  const form = useForm(chosen, (_, { tag }) => chooseLanguage(tag));
  const { settings } = texts.value;
  return (
    <Section id="language" title={settings.language.title}>
      <SavedForm form={form} fields={[]}>
        <SelectField
          label={settings.language.label}
          name="language"
          hint={settings.language.hint}
          value={form.values.tag}
          options={Object.entries(LANGUAGES)}
          onChange={(tag) => form.set("tag", tag as Language)}
        />
      </SavedForm>
    </Section>
  );
}
