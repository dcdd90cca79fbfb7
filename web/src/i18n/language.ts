import { signal } from "@preact/signals";
import { en } from "./en";

/** The texts of one language. */
export type Catalog = typeof en;

/** The languages with a catalog, by their own names. A catalog is loaded when it is chosen. */
export const LANGUAGES = { en: "English" } as const;

export type Language = keyof typeof LANGUAGES;

const CATALOGS: Record<Language, () => Promise<Catalog>> = { en: async () => en };
const RIGHT_TO_LEFT: readonly string[] = ["ar"];
const CHOSEN = "lockstep-language";

/** The language of the page. Texts and formats follow it. */
export const language = signal<Language>("en");

/** The texts of the page. */
export const texts = signal<Catalog>(en);

/** Return the chosen language, or the first of the browser's with a catalog. */
export function preferredLanguage(chosen: string | null, accepted: readonly string[]): Language {
  const known = [chosen ?? "", ...accepted].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return (known.find((tag) => tag in LANGUAGES) as Language | undefined) ?? "en";
}

/** Load the catalog of the preferred language and show the page in it. */
export async function startLanguage(): Promise<void> {
  await showLanguage(preferredLanguage(localStorage.getItem(CHOSEN), navigator.languages));
}

/** Show the page in another language from now on. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  localStorage.setItem(CHOSEN, chosen);
  await showLanguage(chosen);
}

async function showLanguage(shown: Language): Promise<void> {
  texts.value = await CATALOGS[shown]();
  language.value = shown;
  document.documentElement.lang = shown;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(shown) ? "rtl" : "ltr";
}

/** Return a name between characters that keep its direction apart from the text around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
