/** The forms of a text with a `{count}`, by the plural category of the language. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** Return the form for a count, with the count in the digits of the locale, such as "ar-EG". */
export function plural(forms: Plural, count: number, locale: string): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return form.replace("{count}", new Intl.NumberFormat(locale).format(count));
}
