import { chooseLanguage, LANGUAGES, type Language, language, texts } from "../i18n/language";

/** The choice of the page's language. Each language has its own name. */
export function LanguageChoice() {
  return (
    <label class="language">
      {texts.value.layout.language}
      <select value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
