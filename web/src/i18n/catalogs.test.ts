import { describe, expect, test } from "vitest";
import { ar } from "./ar";
import { de } from "./de";
import { en } from "./en";

/** The texts that a translation may have in common with English. */
const COMMON = new Set<string>(["Name", "Mails", "Webhooks", "Firefox", "Safari", "Edge"]);

type Leaf = string | ((...parameters: unknown[]) => string) | Record<string, string>;

/** Return the texts of a catalog by their paths. The forms of a plural are one text. */
function leaves(group: object, path = ""): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const [key, value] of Object.entries(group)) {
    if (typeof value !== "object" || isPlural(value)) found.set(path + key, value as Leaf);
    else for (const [inner, leaf] of leaves(value, `${path}${key}.`)) found.set(inner, leaf);
  }
  return found;
}

function isPlural(value: object): boolean {
  const categories = ["zero", "one", "two", "few", "many", "other"];
  return "other" in value && Object.keys(value).every((key) => categories.includes(key));
}

/** Return the names in braces of a text, or which parameters of a function are in its text. */
function parametersOf(leaf: Leaf): string[] {
  if (typeof leaf === "string") return (leaf.match(/\{\w+\}/g) ?? []).sort();
  if (typeof leaf !== "function") return parametersOf(leaf.other ?? "");
  const given = Array.from({ length: leaf.length }, (_, index) => `<${index}>`);
  const text = leaf(...given);
  return given.filter((each) => text.includes(each));
}

function textsOf(leaf: Leaf): string[] {
  if (typeof leaf === "string") return [leaf];
  if (typeof leaf === "function") return [leaf(...Array.from({ length: leaf.length }, (_, index) => `<${index}>`))];
  return Object.values(leaf);
}

const english = leaves(en);

test.each(Object.entries({ en, de, ar }))(
  "the plurals of %s have exactly the forms of the language",
  (tag, catalog) => {
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
    for (const [path, leaf] of leaves(catalog))
      if (typeof leaf === "object") expect(Object.keys(leaf).toSorted(), path).toEqual(forms);
  },
);

describe.each(Object.entries({ de, ar }))("the catalog %s", (_tag, catalog) => {
  const translated = leaves(catalog);

  test("has the texts of the English one", () => {
    expect([...translated.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  });

  test("uses the same parameters", () => {
    for (const [path, leaf] of translated)
      expect(parametersOf(leaf), path).toEqual(parametersOf(english.get(path) ?? ""));
  });

  test("translates every text", () => {
    for (const [path, leaf] of translated) {
      const originals = new Set(textsOf(english.get(path) ?? ""));
      const untranslated = textsOf(leaf).filter(
        (text) => /\p{L}/u.test(text) && originals.has(text) && !COMMON.has(text),
      );
      expect(untranslated, path).toEqual([]);
    }
  });
});
