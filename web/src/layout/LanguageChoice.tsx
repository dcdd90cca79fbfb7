import { chooseLanguage, LANGUAGES, type Language, language, texts } from "../i18n/language";
import { announce } from "../parts/announcements";
import { refusalText } from "../parts/refusal_text";

/** The choice of the page's language. Each language has its own name. */
export function LanguageChoice() {
  return (
    <label class="language">
      {texts.value.layout.language}
      <select value={language.value} onChange={({ currentTarget }) => choose(currentTarget)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

async function choose(select: HTMLSelectElement): Promise<void> {
  try {
    await chooseLanguage(select.value as Language);
  } catch (error) {
    select.value = language.value;
    announce(refusalText(error), "failure");
  }
}
