import { useAccess } from "../../api/account";
import type { Schemas } from "../../api/client";
import { isolated, locale, texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { dateText } from "./dates";
import { Section } from "./Section";

/** What used the account in the last days: browsers, and each key (R35). */
export function AccessSection() {
  const access = useAccess();
  const text = texts.value.settings.access;
  return (
    <Section id="access" title={text.title}>
      <p>{text.explanation}</p>
      <Loaded query={access}>
        {(uses) => (
          <ul class="entries">
            {uses.map((use) => (
              <li key={`${use.day} ${use.credential}`}>
                <div>
                  <strong>{credentialText(use)}</strong>
                  <p class="quiet">{text.use(dateText(use.day), kindsText(use.kinds))}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function credentialText({ credential, name }: Schemas["AccessUse"]): string {
  const text = texts.value.settings.access;
  if (credential === "browser") return text.browser;
  return name ? text.key(isolated(name)) : text.otherKey;
}

function kindsText(kinds: readonly Schemas["AccessKind"][]): string {
  const words = texts.value.settings.access.kinds;
  return new Intl.ListFormat(locale.value).format(kinds.map((kind) => words[kind]));
}
