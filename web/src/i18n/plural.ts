import { formatLocale } from "./locale";

/** The forms of a text with a `{count}`, by the plural category of the language. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** Return the form for a count, with the count in the digits of the language in the visitor's region. */
export function plural(forms: Plural, count: number, language: string): string {
  const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
  return form.replace("{count}", new Intl.NumberFormat(formatLocale(language, navigator.languages)).format(count));
}
